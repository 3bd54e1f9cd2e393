import type { SandboxLimits } from "./limits.ts";
import type { Measured, PluginCode } from "./messages.ts";
import type { Priority } from "./walls/index.ts";

/** How a thread ended by itself: what Node says of it. */
export interface ThreadDeath {
  outOfMemory: boolean;
  detail: string;
  /** The call whose code ran last, when that is known. */
  call: number | undefined;
  /** It was lost with others, by what happened to the machine or the host: nobody's doing. */
  isMachines?: boolean;
}

export interface CarrierOptions {
  plugin: PluginCode;
  limits: SandboxLimits;
  workerUrl: URL;
  /** The files and folders that the thread may read. */
  readable: string[];
  /** How often the plugin's threads ended badly of late: a process for one that crashed less is started first. */
  crashesLately: number;
  /** That goes on and on: it begins behind others, as one that takes too much of the processor, and waits for its start. */
  startsBusy: boolean;
  /** Whether no call is in flight, so that the thread has nothing to say. */
  isIdle(): boolean;
  /** What the thread sent in one turn of its event loop; it was made there, and nothing of it was checked. */
  onBatch(batch: unknown): void;
  onOutput(stream: "stdout" | "stderr", text: string): void;
  /** Comes once, unless stop() was called before. */
  onDeath(death: ThreadDeath): void;
}

/** What starts a thread with the plugin in it and brings messages there and back: the same here or in a process. */
export interface Carrier {
  post(batch: unknown[], transfer: ArrayBuffer[]): void;
  /** The call whose code ran last, by the thread's own account. */
  currentCall(): number;
  lastBeat(): number;
  vitals(): Promise<Measured>;
  /** One that takes much of the processor gets what others leave of it; a thread of this process cannot be put behind. */
  setPriority(priority: Priority): void;
  stop(): Promise<void>;
}
