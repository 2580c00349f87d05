export {
  type DeviceFigure,
  LONGEST_SHAPE,
  MEASURED_SHAPE,
  type MeasureOptions,
  measureDevice,
} from './measure-device.ts';
