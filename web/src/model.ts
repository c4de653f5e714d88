// The data that the C++ side embeds in a page. Keys are short because a page may hold thousands of
// features; a number that is not finite is null, but mean, std, min, median and max of values, which
// are "Infinity", "-Infinity" and "NaN" until statistics/decode.ts has been there.

export type Num = number | null;

// low, high, count, low, high, count, … Bucket bounds may be null (infinite).
export type Buckets = Num[];

export interface Stats {
  n: number; // examples that have the feature
  missing: number;
  values?: number; // values in all examples
  valueCount?: [Num, Num, Num]; // least, mean and most values in an example
  valueCountHist?: Buckets;
  num?: {
    mean: Num;
    std: Num;
    zeros: number;
    min: Num;
    median: Num;
    max: Num;
    standard?: Buckets;
    quantiles?: Buckets;
    nan?: number; // values that are NaN
    inf?: number; // values that are infinite
  };
  str?: {
    unique: number;
    avgLength: Num;
    top: [string, number][]; // most frequent first
    invalidUtf8?: number;
  };
  bytes?: { unique: number; avg: Num; min: Num; max: Num };
  custom?: [string, string | number | null][];
}

export type Kind = "numeric" | "categorical";

export interface Anomaly {
  path: string; // "" for the whole data set
  severity: "error" | "warning" | "unknown";
  short: string;
  text: string;
  dataset?: string;
}

export interface Feature {
  path: string;
  type: string; // INT, FLOAT, STRING, BYTES, STRUCT
  kind: Kind;
  stats: (Stats | null)[]; // by data set
  // Jensen-Shannon divergences of data sets (0, 1), (0, 2), …, (1, 2), …; absent with many of them
  differences?: Num[];
  expected?: string; // what the schema says, in words
}

export interface Dataset {
  name: string;
  examples: number;
  weighted?: number;
}

export interface StatisticsData {
  datasets: Dataset[];
  compare: [number, number | null]; // shown first
  features: Feature[];
  anomalies: Anomaly[];
}

export interface SchemaRow {
  path: string;
  type: string;
  presence: string;
  valency: string;
  domain: string;
  notes: string;
}

export interface SchemaData {
  names: string[]; // the steps that made it, with the output if that is not "schema"
  judges: string[]; // the steps that judged the data by it
  rows: SchemaRow[];
}

export interface ArtifactData {
  port: string;
  type: string;
  uri: string;
  id: number;
  step?: string; // the step that made it
  properties: [string, string][];
}

export type StepState = "ran" | "cached" | "failed" | "skipped" | "cancelled" | "pending";

export interface StepData {
  name: string;
  component: string;
  state: StepState;
  reason: string;
  error: string;
  summary: string; // what the component left to say, some lines
  seconds: Num;
  start: Num; // seconds since the run began
  inputs: ArtifactData[];
  outputs: ArtifactData[];
  params: [string, string][];
  after: string[]; // steps it waited for without reading from them
}

export interface CurvePoint {
  epoch: number;
  step: Num;
  train_loss: Num;
  eval_loss: Num;
  seconds: Num; // since training began
}

export interface TrainingData {
  step: string;
  learner: string;
  task: string;
  points: CurvePoint[];
}

export interface MetricData {
  name: string;
  model: string; // "" when there is only one
  output: string;
  sub: string; // "class 3", "top 5", "micro average", …
  diff: boolean;
  value: Num;
  low?: Num;
  high?: Num;
  text?: string; // for what is no number
}

export interface SliceMetrics {
  slice: string; // "Overall" or "carrier: AA"
  cross: boolean; // differences between two slices
  metrics: MetricData[];
  thresholds: { metric: string; text: string; diff: boolean }[]; // that are for this slice
}

export interface ThresholdFailure {
  slice: string;
  metric: string;
  model: string;
  diff: boolean;
  message: string;
  threshold: string;
  value: Num;
}

export interface PlotData {
  slice: string;
  model: string;
  output: string;
  sub: string;
  // low, high, examples, label sum, prediction sum, …
  calibration?: Num[];
  // threshold, tp, fp, tn, fn, …
  confusion?: Num[];
}

export interface EvaluationData {
  step: string;
  slices: SliceMetrics[];
  plots: PlotData[];
  baseline: string; // name of the baseline model; "" if none
  validation: {
    ok: boolean;
    missingThresholds: boolean;
    rubberStamp: boolean;
    failures: ThresholdFailure[];
    missingSlices: string[];
  } | null;
}

export interface Mark {
  step: string;
  name: string; // "Model blessing", "Infra validation", "Push"
  ok: boolean | null; // null: no verdict
  text: string;
}

export interface Problem {
  where: string;
  text: string;
}

export interface RunData {
  pipeline: string;
  runId: string;
  started: string; // ISO 8601, UTC
  seconds: Num;
  result: "succeeded" | "failed" | "cancelled" | "running";
  root: string;
  findings: string[];
  steps: StepData[];
  marks: Mark[];
  schemas: SchemaData[]; // what judged comes first; equal ones are one
  anomalies: Anomaly[] | null; // null: nothing was validated
  training: TrainingData[];
  evaluations: EvaluationData[];
  problems: Problem[]; // artifacts that could not be shown
}

export interface PageData {
  kind: "statistics" | "run";
  title: string;
  written: string; // when, ISO 8601, UTC
  version: string;
  statistics?: StatisticsData;
  run?: RunData;
}
