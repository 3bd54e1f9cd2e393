/**
 * What code could do in a thread once it is out of its compartment: an expression that reaches something, or throws.
 * `load` tries every way there is to a module. Each works in an ordinary thread of Node's, but for those that say why not.
 */
export interface Power {
  reach: string;
  from?: string;
  /** Why it does not work in an ordinary thread, as the test has it. */
  notInAThread?: string;
  /** What Node's permission flags answer by themselves; without it they let it through, and the closed loader holds it. */
  flags?: "ERR_ACCESS_DENIED" | "ERR_DLOPEN_DISABLED" | "nothing";
}

const fs = `(await load("node:fs"))`;
const denied = { flags: "ERR_ACCESS_DENIED" } as const;

export const powers: { [what: string]: Power } = {
  "read a file": { reach: `${fs}.readFileSync("/etc/passwd", "utf8")`, ...denied },
  "read a file by a path in bytes": {
    reach: `${fs}.readFileSync(new TextEncoder().encode("/etc/passwd"), "utf8")`,
    from: "CVE-2023-39332 (Node)",
    ...denied,
  },
  "read a file beside what it may read": {
    reach: `${fs}.readFileSync(input.readable + "/../../package.json", "utf8")`,
    from: "CVE-2023-39331 (Node): path traversal",
    ...denied,
  },
  "read a file where the host was started": {
    reach: `${fs}.readFileSync(input.workingDirectory + "/package.json", "utf8")`,
    from: "Node 26 counts the working directory to what a thread may read",
    ...denied,
  },
  "list the folder where the host was started": { reach: `${fs}.readdirSync(".").join()`, ...denied },
  "read a file through /proc": {
    reach: `${fs}.readFileSync("/proc/self/root/etc/passwd", "utf8")`,
    ...denied,
  },
  "read the host's environment from /proc": {
    reach: `${fs}.readFileSync("/proc/self/environ", "utf8")`,
    ...denied,
  },
  "read the host's memory map": { reach: `${fs}.readFileSync("/proc/self/maps", "utf8")`, ...denied },
  "see that a file exists": { reach: `${fs}.statSync("/etc/passwd").size`, ...denied },
  "resolve a path with realpath": {
    reach: `${fs}.realpathSync.native("/proc/self/exe")`,
    from: "CVE-2026-21715 (Node)",
    ...denied,
  },
  "watch a file": {
    reach: `${fs}.watchFile("/etc/passwd", () => {}).constructor && (${fs}.unwatchFile("/etc/passwd"), "watched")`,
    from: "CVE-2023-30582 (Node)",
    ...denied,
  },
  "list a folder": { reach: `${fs}.readdirSync("/").join()`, ...denied },
  "list a folder by pattern": { reach: `${fs}.globSync("/etc/*").join() || undefined`, flags: "nothing" },
  "open a file as a blob": { reach: `(await (await ${fs}.openAsBlob("/etc/passwd")).text())`, ...denied },
  "read what lies open in the process": {
    reach: `((fs) => [...Array(64).keys()].map((fd) => { try { return fs.fstatSync(fd).mode; } catch { return 0; } }).filter(Boolean).join())(${fs}) || undefined`,
    from: "open file descriptors pass by the permission model, as Node documents",
  },
  "write to what lies open in the process": { reach: `${fs}.writeSync(2, "") === 0 && "written"` },
  "write a file": { reach: `${fs}.writeFileSync(input.file, "x") ?? "written"`, ...denied },
  "make a link": {
    reach: `${fs}.symlinkSync("/etc/passwd", input.file) ?? "made"`,
    from: "CVE-2025-55130 (Node): links under the permission model",
    ...denied,
  },
  "make a database file": { reach: `new (await load("node:sqlite")).DatabaseSync(input.file) && "made"` },
  "write a heap snapshot": { reach: `(await load("node:v8")).writeHeapSnapshot(input.file)`, ...denied },
  "write a diagnostic report": {
    reach: `realProcess.report.writeReport(input.file) && "written"`,
    ...denied,
  },
  "have Node keep its compiled code in a folder": {
    reach: `(await load("node:module")).enableCompileCache(input.folder).directory ?? undefined`,
    flags: "nothing",
  },
  "connect a socket": {
    reach: `await new Promise((resolve, reject) => load("node:net").then((net) => net.connect(input.port, "127.0.0.1").on("connect", () => resolve("connected")).on("error", reject)).catch(reject))`,
    ...denied,
  },
  "connect to a socket in the file system": {
    reach: `await new Promise((resolve, reject) => load("node:net").then((net) => net.connect(input.socket).on("connect", () => resolve("connected")).on("error", reject)).catch(reject))`,
    from: "CVE-2026-21636 (Node)",
    ...denied,
  },
  "listen on a socket": {
    reach: `await new Promise((resolve, reject) => load("node:net").then((net) => net.createServer().on("error", reject).listen(0, () => resolve("listening"))).catch(reject))`,
    ...denied,
  },
  "send a datagram": {
    reach: `await new Promise((resolve, reject) => load("node:dgram").then((dgram) => dgram.createSocket("udp4").on("error", reject).send("x", 9, "127.0.0.1", (error) => error ? reject(error) : resolve("sent"))).catch(reject))`,
    ...denied,
  },
  "look a name up": {
    reach: `(await (await load("node:dns/promises")).lookup("localhost")).address`,
    ...denied,
  },
  fetch: { reach: `(await fetch("http://127.0.0.1:" + input.port)).status` },
  "start a process": { reach: `(await load("node:child_process")).execSync("id").toString()`, ...denied },
  "start a thread": {
    reach: `new (await load("node:worker_threads")).Worker("1", { eval: true }) && "started"`,
    from: "CVE-2023-30583 and kin (Node): a worker without the flags",
    ...denied,
  },
  "start a thread over the internals": {
    reach: `Object.keys(realProcess.binding("worker") ?? {}).join()`,
    from: "CVE-2023-32558 (Node): process.binding",
    notInAThread: "Node itself does not give this binding.",
  },
  "write to the host's channel": {
    reach: `(await load("node:worker_threads")).parentPort.postMessage("forged") ?? "posted"`,
  },
  "speak to every thread of the process": {
    reach: `new (await load("node:worker_threads")).BroadcastChannel("all").postMessage("x") ?? "spoken"`,
  },
  "start a WASI program": {
    reach: `new (await load("node:wasi")).WASI({ version: "preview1" }) && "started"`,
    ...denied,
  },
  "open the inspector": { reach: `(await load("node:inspector")).open(0) ?? "opened"`, ...denied },
  "debug itself": {
    reach: `new (await load("node:inspector/promises")).Session().connect() ?? "connected"`,
    from: "CVE-2026-47140 (vm2): inspector/promises",
    ...denied,
  },
  "debug the main thread": {
    reach: `new (await load("node:inspector")).Session().connectToMainThread() ?? "connected"`,
    ...denied,
  },
  "load native code": { reach: `(await load("node:ffi")).dlopen("libc.so.6", {}) && "loaded"`, ...denied },
  "load an addon": {
    reach: `realProcess.dlopen({ exports: {} }, "/lib/x.node") ?? "loaded"`,
    notInAThread: "There is no such addon.",
    flags: "ERR_DLOPEN_DISABLED",
  },
  "reach Node's bindings": { reach: `Object.keys(realProcess.binding("fs")).length`, ...denied },
  "get a built-in module": { reach: `realProcess.getBuiltinModule("node:fs") && "got"` },
  "make a context of its own": { reach: `(await load("node:vm")).runInNewContext("1 + 1")` },
  "compile a module": { reach: `new (await load("node:vm")).Script("1") && "compiled"` },
  "change how modules are loaded": {
    reach: `(await load("node:module")).registerHooks({ resolve: (name, context, next) => next(name, context) }) && "registered"`,
    from: "hooks run in every module that is loaded afterwards",
  },
  "hear what Node's own modules do": {
    reach: `(await load("node:diagnostics_channel")).subscribe("http.client.request.start", () => {}) ?? "subscribed"`,
    from: "CVE-2023-39333 and kin (Node): diagnostics_channel",
  },
  "trace what the process does": {
    reach: `(await load("node:trace_events")).createTracing({ categories: ["node"] }) && "tracing"`,
    notInAThread: "Node refuses it in threads.",
  },
  "measure the host's event loop": {
    reach: `(await load("node:perf_hooks")).monitorEventLoopDelay().enable() && "measured"`,
  },
  "hear of every asynchronous step": {
    reach: `(await load("node:async_hooks")).createHook({ init() {} }).enable() && "hooked"`,
  },
  "read its environment": {
    reach: `JSON.stringify(realProcess.env) !== "{}" && realProcess.env`,
    notInAThread: "The test gives it none.",
  },
  "read the host's environment": { reach: `realProcess.report.getReport().environmentVariables` },
  "read the host's arguments": { reach: `realProcess.argv.join() || undefined` },
  "read an env file": {
    reach: `realProcess.loadEnvFile("/etc/os-release") ?? "read"`,
    notInAThread: "It needs a file of that form.",
  },
  "signal the host": { reach: `realProcess.kill(realProcess.pid ?? input.pid, 0)` },
  "end its process": {
    reach: `typeof realProcess.reallyExit === "function" || typeof realProcess.abort === "function"`,
  },
  "change V8's flags": {
    reach: `(await load("node:v8")).setFlagsFromString("--stack-size=900") ?? "changed"`,
  },
  "know the user": { reach: `(await load("node:os")).userInfo().username` },
};

/** The code of an action that tries one power. */
export const attemptOf = ({ reach }: Power): string => `async ({ input }) => {
  const load = async (name) => {
    try { return await import(name); } catch {}
    try { return await (async () => {}).constructor("name", "return import(name)")(name); } catch {}
    try { return await import("data:text/javascript,export * from '" + name + "'"); } catch {}
    try { return realProcess.getBuiltinModule(name); } catch {}
    return (realProcess.mainModule?.require ?? require)(name);
  };
  try {
    const reached = ${reach};
    return reached === undefined || reached === false ? "nothing" : { reached };
  } catch (error) { return { refused: error.code ?? "without a code" }; }
}`;
