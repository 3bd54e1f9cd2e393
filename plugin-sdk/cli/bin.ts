#!/usr/bin/env node
// Runs on any Node since 20: it finds a Node that the sandbox can run on, before anything newer is loaded.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The first whose permission model closes the network, which the sandbox relies on. */
const neededMajor = 26;
const entry = join(import.meta.dirname, `main${import.meta.filename.endsWith(".ts") ? ".ts" : ".js"}`);

if (Number.parseInt(process.versions.node, 10) >= neededMajor) await import(entry);
else runOnBundledNode();

/** Hands the command over to the Node that the npm package `node`, a dependency of ours, brought. */
function runOnBundledNode(): void {
  const child = spawn(bundledNode(), [entry, ...process.argv.slice(2)], { stdio: handedOn() });
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
  // Ctrl-C reaches the whole group by itself; a signal sent to us alone has to be passed on.
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {});
}

/** The standard streams, and the descriptor that a passphrase is to be read from. */
function handedOn(): ("inherit" | "ignore" | number)[] {
  const streams: ("inherit" | "ignore" | number)[] = ["inherit", "inherit", "inherit"];
  const passphrase = Number(process.env.PLUGBOARD_KEY_PASSPHRASE_FD);
  if (!Number.isInteger(passphrase) || passphrase < streams.length || passphrase > 255) return streams;
  const between = Array.from({ length: passphrase - streams.length }, () => "ignore" as const);
  return [...streams, ...between, passphrase];
}

function bundledNode(): string {
  const executable = process.platform === "win32" ? "node.exe" : "node";
  try {
    return join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin", executable);
  } catch {
    return fail("the npm package node is not installed");
  }
}

function fail(reason: string): never {
  process.stderr.write(
    `error: plugboard needs Node ${neededMajor} or newer; this is ${process.versions.node}, and the one that should have come along does not start (${reason}).\n` +
      'Run "npm rebuild node" (allow its install script if npm asks), or install a newer Node.\n',
  );
  process.exit(1);
}
