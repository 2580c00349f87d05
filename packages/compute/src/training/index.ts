export { type Losses, makeModel, type ModelRecord } from './make.ts';
export { PLAN, type TrainingPlan } from './shape.ts';
