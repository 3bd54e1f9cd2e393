import { availableParallelism } from "node:os";
import {
  type PluginProcess,
  type ProcessLoss,
  type ProcessShape,
  preparePluginProcess,
} from "./plugin-process.ts";
import { canPutBack } from "./walls/index.ts";

/** Somebody who waits for a process. */
export interface ProcessRequest {
  shape: ProcessShape;
  /** Of the plugin, of late: who crashed less is served first. */
  crashesLately: number;
  /** It crashes in a loop: served after all others, one at a time, and never from the spares. */
  isLooping: boolean;
  /** One of these two is called, once, and not before `request` has returned. */
  onProcess(process: PluginProcess): void;
  onFailed(detail: string): void;
}

export interface ProcessStarts {
  /** Returns what withdraws it. */
  request(request: ProcessRequest): () => void;
}

/** A process that nobody wanted for so long ends, in ms: a host whose plugins do not start any more has none. */
const SPARE_MS = 60_000;
/** Some 40 MB each. */
const MAX_SPARES = 2;

interface Spare {
  key: string;
  process: PluginProcess;
  timer: NodeJS.Timeout;
}

interface Start {
  key: string;
  cause?: ProcessRequest;
  /** It goes on as one that somebody waits for. */
  hurry(): void;
}

/**
 * Which processes a host starts, and for whom. No more are started at a time than the machine has cores, so that each is
 * ready soon (and beside them one spare and one for a plugin that goes on crashing, behind all others). What is ready goes to whoever waits and crashed least; then to the spares, which are there for the next one:
 * a process is sealed before it has any plugin's code, and takes that of any whose limits come to the same.
 */
export function createProcessStarts({
  maxStarts = availableParallelism(),
  maxSpares = MAX_SPARES,
  spareMs = SPARE_MS,
} = {}): ProcessStarts {
  /** In the order in which they came. */
  const waiting = new Set<ProcessRequest>();
  /** Those whose start was lost with the launcher, and which are started once more. */
  const again = new WeakSet<ProcessRequest>();
  /** What each start under way is for; nobody, when it is to be a spare. */
  const starting = new Set<Start>();
  const spares: Spare[] = [];
  /** The shape that was last asked for, and of how many there were starts of late: so many spares there should be. */
  let wanted: { shape: ProcessShape; count: number } | undefined;

  const inOrder = () =>
    [...waiting].sort(
      (a, b) => Number(a.isLooping) - Number(b.isLooping) || a.crashesLately - b.crashesLately,
    );

  const give = (request: ProcessRequest, process: PluginProcess) => {
    waiting.delete(request);
    const { shape, isLooping } = request;
    const before = wanted && keyOf(wanted.shape) === keyOf(shape) ? wanted.count : 0;
    if (!isLooping) wanted = { shape, count: before + 1 };
    request.onProcess(process);
  };

  const takeSpare = (spare: Spare): PluginProcess => {
    spares.splice(spares.indexOf(spare), 1);
    clearTimeout(spare.timer);
    return spare.process;
  };

  const putAside = (key: string, process: PluginProcess) => {
    const timer = setTimeout(() => {
      wanted = undefined;
      takeSpare(spare).stop();
    }, spareMs).unref();
    const spare = { key, process, timer };
    spares.push(spare);
    process.use({
      isIdle: () => true,
      onMessage: ({ type }) =>
        type === "output" || process.lose("The process spoke before it was asked anything."),
      onLost: () => void takeSpare(spare),
    });
    // Of a shape that nobody asks for any more.
    if (spares.length > maxSpares && spares[0]) takeSpare(spares[0]).stop();
  };

  const start = (shape: ProcessShape, cause?: ProcessRequest) => {
    const isUrgent = isGood(cause);
    // What nobody waits for, or one that goes on crashing, is in nobody else's way.
    const before = isUrgent ? [...starting].filter((each) => isGood(each.cause)) : [...starting];
    if (before.length >= maxStarts) return;
    const key = keyOf(shape);
    const own: Start = { key, ...(cause && { cause }), hurry() {} };
    starting.add(own);
    const onFailed = ({ detail, isMachines }: Pick<ProcessLoss, "detail" | "isMachines">) => {
      starting.delete(own);
      // Whoever asks next has another try.
      if (!cause) wanted = undefined;
      else if (isMachines && !again.has(cause)) again.add(cause);
      else if (waiting.delete(cause)) cause.onFailed(detail);
      serve();
    };
    try {
      const { setPriority } = preparePluginProcess({
        shape,
        priority: isUrgent || !canPutBack() ? "usual" : "busy",
        onPrepared(process) {
          starting.delete(own);
          const mayHave = (request: ProcessRequest) =>
            keyOf(request.shape) === key && (cause || !request.isLooping);
          const next = inOrder().find(mayHave);
          if (next) give(next, process);
          else putAside(key, process);
          serve();
        },
        onFailed,
      });
      if (!isUrgent)
        own.hurry = () => {
          setPriority("usual");
          own.hurry = () => {};
        };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      queueMicrotask(() => onFailed({ detail, isMachines: false }));
    }
  };

  const serve = () => {
    for (const request of inOrder()) {
      const spare = spares.find(({ key }) => key === keyOf(request.shape));
      if (spare && !request.isLooping) give(request, takeSpare(spare));
    }
    /** Starts under way whose process somebody will have that this loop has seen. */
    const taken = new Set<Start>();
    for (const request of inOrder()) {
      const { shape, isLooping } = request;
      if (isLooping) startSpare();
      const mayHave = (own: Start) =>
        own.key === keyOf(shape) && (!isLooping || own.cause?.isLooping === true);
      const own = [...starting].find((each) => mayHave(each) && !taken.has(each));
      if (own) {
        taken.add(own);
        if (!isLooping) own.hurry();
      } else if (!isLooping || !hasStart((cause) => cause?.isLooping === true)) start(shape, request);
    }
    startSpare();
  };
  const startSpare = () => {
    if (!wanted || hasStart((cause) => cause === undefined)) return;
    const { shape, count } = wanted;
    const there = spares.filter(({ key }) => key === keyOf(shape)).length;
    if (there < Math.min(count, maxSpares)) start(shape);
  };
  const hasStart = (isSuch: (cause?: ProcessRequest) => boolean): boolean =>
    [...starting].some(({ cause }) => isSuch(cause));

  return {
    request(request) {
      waiting.add(request);
      queueMicrotask(serve);
      return () => waiting.delete(request);
    },
  };
}

const isGood = (cause?: ProcessRequest): boolean => cause?.isLooping === false;

const keyOf = (shape: ProcessShape): string => JSON.stringify(shape);

const ofThisHost = createProcessStarts();

/** Asks for a process of this host's. Returns what withdraws that. */
export const requestProcess = ofThisHost.request;
