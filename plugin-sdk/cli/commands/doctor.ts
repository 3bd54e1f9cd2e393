import type { Command } from "commander";
import type { Finding } from "../doctor/index.ts";
import { addExamples } from "../examples.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { withHost, withRegistry } from "../options.ts";
import { reportOf } from "../report.ts";

const marks = { ok: "✓", warning: "!", failed: "✗", skipped: "-" } as const;

export function addDoctorCommand(program: Command, host: CliHost): void {
  const doctor = withHost(withRegistry(program.command("doctor")))
    .description("look whether all is well: Node, sandbox, disk, profile, keys, clock, registry, host")
    .action(async (options: { registry?: string; host?: string }, command: Command) => {
      const report = reportOf(host, command);
      const { checks } = await import("../doctor/index.ts"); // Slow to load, so only where it is needed.
      const found: (Finding & { name: string })[] = [];
      const progress = report.progress("Looking at this machine, the registry and the host …");
      for (const { name, look } of checks)
        found.push({ name, ...(await look({ host, options, now: () => new Date() })) });
      progress.end();
      const failures = found.filter(({ status }) => status === "failed");
      if (failures.length === 0) return report.done({ checks: found }, found.map(inProse).join("\n"));
      throw new CliFailure("unhealthy", `Something has to be mended.\n${found.map(inProse).join("\n")}`, {
        details: { checks: found },
      });
    });
  addExamples(
    doctor,
    ["plugboard doctor", "When something does not work; each finding says what to do."],
    ["plugboard doctor --registry https://plugboard.example --json", "With what is there, for a report."],
  );
}

function inProse({ name, status, found, advice }: Finding & { name: string }): string {
  return `${marks[status]} ${name}: ${found}${advice ? `\n    ${advice}` : ""}`;
}
