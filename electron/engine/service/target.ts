/** What a service driver is given and what it answers. */
import type { ServiceSpec } from '../product/schema.ts';

/** What is to run, everything filled in. */
export interface ServiceTarget {
  spec: ServiceSpec;
  /** The program and its arguments. */
  command: string[];
  /** Where it runs: absolute. */
  folder: string;
  /** Its whole environment; nothing is added to it but a mark by which Moult knows its processes again. */
  env: Record<string, string>;
  /** The file that takes what it prints: absolute. */
  log: string;
  /** `<home>/.moult/service.json`: absolute. */
  state: string;
  /** The release that runs, as Moult calls it. */
  release: string;
  /** The loopback port it will listen on, when that is known. */
  port: number | null;
}

export interface RunningService {
  pid: number;
  release: string;
  /** ISO time at which Moult started it. */
  since: string;
}

export interface Stopped {
  wasRunning: boolean;
  /** It had not ended within its grace and was killed. */
  killed: boolean;
  /** From the first signal until nothing of it ran and its port was free. */
  seconds: number;
}

/** How a service that Moult started ended, as far as this process saw it, and what it printed last. */
export interface LastWords {
  /** In words: `it ended with exit code 1`. */
  ending: string;
  code: number | null;
  signal: string | null;
  /** The last lines of its log, without the values of secret environment variables. */
  log: string[];
}

export interface ServiceDriver {
  /**
   * Starts the service; answers with the running one where the very same is running already. It is not waited for health.
   * Throws `service-failed` where it cannot be started, ends at once, or runs already as something else; `port-in-use`.
   */
  start(target: ServiceTarget, options?: { signal?: AbortSignal }): Promise<RunningService>;
  /**
   * Ends the service and everything it started: the stop signal, its grace, then a kill. Not running is fine.
   * Throws `service-failed` where something cannot be ended or the port stays taken.
   */
  stop(target: ServiceTarget, options?: { signal?: AbortSignal; onNote?: (text: string) => void }): Promise<Stopped>;
  /** The running service, or null. Only looks. */
  find(target: ServiceTarget): Promise<RunningService | null>;
  /** Sends a signal to every process of the service. Returns how many got it. */
  signalAll(target: ServiceTarget, signal: NodeJS.Signals): Promise<number>;
  /** Why it is not running any more: for the message of a failed start. */
  lastWords(target: ServiceTarget): Promise<LastWords>;
}
