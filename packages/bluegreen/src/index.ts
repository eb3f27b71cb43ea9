export type { BakeOptions, BakeOutcome } from './bake.ts';
export { type BlueGreen, type BlueGreenOptions, type Observed, openBlueGreen, type ProbeOptions } from './bluegreen.ts';
export type { CanaryOptions, CanaryOutcome, CanaryStep, UnjudgedStep } from './canary.ts';
export type { DrainOptions } from './drain.ts';
export { BlueGreenError, type BlueGreenErrorCode } from './errors.ts';
export type { BlueGreenEvent } from './events.ts';
export type { HealthCheck, HttpCheck } from './health-check.ts';
export { countDurations } from './plan/durations.ts';
export type { Drift } from './plan/drift.ts';
export { canaryPercent, type Generation, liveSlot } from './plan/generation.ts';
export type { Finding, Limits } from './plan/judge.ts';
export { type JudgingNeeds, judgingNeeds } from './plan/judging-needs.ts';
export type { Ending, Move, Strategy, WantedInstance } from './plan/move.ts';
export { endingFirst, leaving, slotsAfter, slotsMeanwhile } from './plan/moved-slots.ts';
export { type MovesInput, planMoves } from './plan/moves.ts';
export type { ContainerMount, ContainerSettings } from './ports/container-settings.ts';
export type { JobResult, JobRunner, JobSpec } from './ports/job-runner.ts';
export type { CommandProbe, ExpectedAnswer, Probe, ProbeRequest, ProbeResult, TcpProbe } from './ports/probe.ts';
export type { ExecInInstance, ExecRequest, ExecStreams } from './ports/instance-exec.ts';
export type { InstanceLogs, LogLine, LogQuery } from './ports/instance-logs.ts';
export type {
  CanaryRule,
  Certificate,
  InFlight,
  PreviewTarget,
  ProxySettings,
  RequestField,
  Route,
  RoutedService,
  Router,
  RouterAddresses,
  Switched,
  SlotShape,
  SwitchRequest,
  TlsListener,
  Topology,
} from './ports/router.ts';
export type { Instance, InstanceAddress, InstanceKey, InstanceLabels, InstanceSpec, Runtime } from './ports/runtime.ts';
export type { DurationCount, SlotTraffic, TrafficSource, TrafficWindow } from './ports/traffic.ts';
export { otherSlot, type Slot, slotName } from './slots.ts';
export type { ExpectedService, ServiceStatus, SlotStatus, Status, StatusOptions } from './status.ts';
export type { Verdict } from './version-judge.ts';
