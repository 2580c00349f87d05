export { BudgetKeeper } from './budget-keeper.ts';
export { type Budgets, type BudgetsView, checkBudgets } from './budgets.ts';
export { type DayCount, dayOf } from './day-count.ts';
export { type DayCounter, DayStore } from './day-store.ts';
