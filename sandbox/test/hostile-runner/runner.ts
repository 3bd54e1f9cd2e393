/**
 * For tests alone: a process without the permission model, as one would be whose code broke V8 and Node. It tries what
 * the test says, and tells what came of it.
 */
import { spawnSync } from "node:child_process";
import { fstatSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { connect, Socket } from "node:net";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";

export interface Orders {
  attack: keyof typeof attacks;
  port: number;
  /** A socket that has a name and no file; `path` is that of one that has. */
  abstract: string;
  path: string;
  /** Not there yet; anybody may write it. */
  file: string;
  /** Of the host's account, in a folder that is that account's alone. */
  kept: string;
  host: number;
}

const isSocket = (descriptor: number): boolean => {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    return false;
  }
};

/** Its socket to the host. */
const OWN = 3;

const reach = (to: { port: number } | { path: string }) =>
  new Promise((resolve, reject) => {
    const socket = connect(to, () => resolve("connected"));
    socket.on("error", reject);
  });

const attacks = {
  "connect over TCP": (o: Orders) => reach({ port: o.port }),
  "connect to an abstract socket": (o: Orders) => reach({ path: `\0${o.abstract}` }),
  "connect to a socket in a folder": (o: Orders) => reach({ path: o.path }),
  "write a file": (o: Orders) => {
    writeFileSync(o.file, "x");
    return "written";
  },
  "read a file": () => readFileSync("/etc/passwd", "utf8").length,
  "remove a file": (o: Orders) => {
    rmSync(o.kept);
    return "removed";
  },
  "empty a file": (o: Orders) => {
    truncateSync(o.kept);
    return "emptied";
  },
  "open many files": () => Array.from({ length: 500 }, () => openSync("/dev/null", "r")).length,
  "start a program": () => {
    const { error, status } = spawnSync("/bin/true");
    if (error) throw error;
    return { status };
  },
  "start a thread": () =>
    new Promise((resolve, reject) => {
      const worker = new Worker("1", { eval: true });
      worker.on("exit", () => resolve("started")).on("error", reject);
    }),
  "read the host's environment": (o: Orders) => readFileSync(`/proc/${o.host}/environ`).length,
  "open the host's memory": (o: Orders) => openSync(`/proc/${o.host}/mem`, "r"),
  "signal the host": (o: Orders) => process.kill(o.host, 0),
  "take much memory": () => {
    const taken: Buffer[] = [];
    for (let mebibytes = 0; mebibytes < 512; mebibytes += 16) taken.push(Buffer.alloc(16 * 2 ** 20, 1));
    return taken.length;
  },
  "gain privileges": () => {
    const status = readFileSync("/proc/self/status", "utf8");
    if (/^NoNewPrivs:\s+1$/m.test(status) && /^CapEff:\s+0+$/m.test(status)) throw new Error("It has none.");
    return "has them";
  },
  /** On every socket that it has, and not just on its own. Tells on which it could. */
  "give the launcher orders": () => {
    const orders = Array.from({ length: 20 }, (_, id) => `${JSON.stringify({ type: "kill", id })}\n`).join(
      "",
    );
    for (const id of [1, 2, 3]) process.send?.({ type: "kill", id });
    const sockets = Array.from({ length: 256 }, (_, descriptor) => descriptor).filter(
      (descriptor) => descriptor !== OWN && isSocket(descriptor),
    );
    return sockets.filter((descriptor) => writeSync(descriptor, orders) > 0);
  },
  "print without end": () => {
    for (;;)
      try {
        writeSync(1, "x".repeat(65_536));
      } catch {
        // Nobody has read yet what it wrote before.
      }
  },
  "read what it was started with": () => (JSON.stringify(process.env) === "{}" ? undefined : process.env),
};

const socket = new Socket({ fd: OWN, readable: true, writable: true });
const tell = (value: object | string) => socket.write(`${JSON.stringify(value)}\n`);
createInterface({ input: socket }).on("line", async (line) => {
  const orders = JSON.parse(line) as Orders;
  try {
    const reached = await attacks[orders.attack](orders);
    tell(reached === undefined ? { refused: "nothing there" } : { reached });
  } catch (error) {
    tell({ refused: error instanceof Error ? error.message : String(error) });
  }
});
// It does not go by itself when the host does.
socket.on("error", () => {});
setInterval(() => {}, 1_000);
tell("started");
