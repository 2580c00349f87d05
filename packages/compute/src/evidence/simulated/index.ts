export { developmentSimulation, Simulation, type SimulationOptions } from './simulation.ts';
