export { type Losses, type ModelRecord, makeModel } from './make.ts';
export { PLAN, type TrainingPlan } from './shape.ts';
