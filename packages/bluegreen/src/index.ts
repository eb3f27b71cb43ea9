export {
  type BlueGreen,
  type BlueGreenOptions,
  type DrainOptions,
  type Observed,
  openBlueGreen,
  type ProbeOptions,
} from './bluegreen.ts';
export { BlueGreenError, type BlueGreenErrorCode } from './errors.ts';
export type { BlueGreenEvent } from './events.ts';
export type { HealthCheck } from './health.ts';
export { type Generation, liveSlot } from './plan/generation.ts';
export { leaving, type Move, type MovesInput, planMoves, slotsAfter, type WantedInstance } from './plan/moves.ts';
export type { Probe, ProbeRequest, ProbeResult } from './ports/probe.ts';
export type {
  InFlight,
  PreviewTarget,
  Route,
  RoutedService,
  Router,
  RouterAddresses,
  Switched,
  SwitchRequest,
  Topology,
} from './ports/router.ts';
export type { Instance, InstanceAddress, InstanceKey, InstanceLabels, InstanceSpec, Runtime } from './ports/runtime.ts';
export { otherSlot, type Slot, slotName } from './slots.ts';
