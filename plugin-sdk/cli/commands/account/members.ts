import { type Command, Option } from "commander";
import { addExamples } from "../../examples.ts";
import { CliFailure } from "../../failure.ts";
import type { CliHost } from "../../host.ts";
import { checkPublisher } from "../../names.ts";
import { andMore, type PageOptions, withPage, withRegistry } from "../../options.ts";
import { toJson } from "../../printable.ts";
import { openRegistry, type Registry } from "../../registry/index.ts";
import { type Report, reportOf } from "../../report.ts";

interface Context {
  registry: Registry;
  publisher: string;
  report: Report;
}

interface Options extends Partial<PageOptions> {
  registry?: string;
  role?: string;
}

export function addMembersCommand(program: Command, host: CliHost): void {
  const members = program.command("members").description("say who may act for a publisher");

  /** A command about a publisher; what else it takes comes after that. */
  function about(name: string, description: string, extend: (command: Command) => Command = (same) => same) {
    const command = extend(
      withRegistry(members.command(name)).description(description).argument("<publisher>"),
    );
    return {
      does(run: (context: Context, word: string, options: Options) => Promise<void>): Command {
        return command.action(async (...given: [string, ...unknown[]]) => {
          const self = given.at(-1) as Command;
          const options = given.at(-2) as Options;
          const word = typeof given[1] === "string" ? given[1] : "";
          const report = reportOf(host, self);
          const publisher = checkPublisher(given[0]);
          await run(
            { registry: await openRegistry(host, options.registry), publisher, report },
            word,
            options,
          );
        });
      },
    };
  }

  const list = about("list", "list who may act for a publisher").does(
    async ({ registry, publisher, report }) => {
      const found = await registry.listMembers(publisher);
      const lines = found.items.map(
        ({ accountId, role, displayName }) => `${accountId}  ${role}  ${displayName}`,
      );
      report.done(found, lines.join("\n") || "No members: the publisher's keys alone say who it is.");
    },
  );
  addExamples(list, ["plugboard members list acme", "Accounts, and what each may do."]);

  const set = about("set", "add a member, or change the role of one", (command) =>
    command
      .argument("<account>", "acc_…, as whoami shows it")
      .addOption(
        new Option("--role <role>", "owner may all; maintainer publishes and yanks; viewer looks")
          .choices(["owner", "maintainer", "viewer"])
          .makeOptionMandatory(),
      ),
  ).does(async ({ registry, publisher, report }, account, { role = "" }) => {
    const member = await registry.setMember(publisher, account, role);
    report.done(member, `${member.displayName} (${member.accountId}) is ${member.role} of ${publisher}.`);
  });
  addExamples(set, ["plugboard members set acme acc_… --role maintainer", "Lets a colleague publish."]);

  const remove = about("remove", "put a member out, or leave", (command) =>
    command.argument("<account>", "acc_…, as members list shows it"),
  ).does(async ({ registry, publisher, report }, account) => {
    await registry.removeMember(publisher, account);
    report.done({ publisher, accountId: account, removed: true }, `${account} is no member of ${publisher}.`);
  });
  addExamples(remove, ["plugboard members remove acme acc_…", "Also for oneself."]);

  const claim = about("claim", "become an owner, by a key of the publisher's that is here").does(
    async ({ registry, publisher, report }) => {
      const { claimFor } = await import("../../orders/index.ts"); // Slow to load, so only where it is needed.
      const { findSigningKey } = await import("../../signing/index.ts");
      const [account, record] = [await registry.getAccount(), await registry.findPublisher(publisher)];
      const key = await findSigningKey(host, publisher, record?.keys);
      const audience = `plugboard-registry/accounts/${account.id}`;
      const member = await registry.claimOwnership(publisher, await claimFor(publisher, key, audience));
      report.done(member, `${member.displayName} (${member.accountId}) is ${member.role} of ${publisher}.`);
    },
  );
  addExamples(claim, ["plugboard members claim acme", "The first owner of a publisher gets in like this."]);

  const token = about(
    "require-token",
    "ask for a member's token besides the signature, or ask no more",
    (command) => command.argument("<on|off>", "on: a stolen key alone then does nothing"),
  ).does(async ({ registry, publisher, report }, word) => {
    const tokenRequired = isOn(word);
    await registry.requireToken(publisher, tokenRequired);
    report.done(
      { publisher, tokenRequired },
      tokenRequired
        ? `Publishing for ${publisher} takes a key and a member's token from now on.`
        : `A key alone publishes for ${publisher} from now on.`,
    );
  });
  addExamples(token, ["plugboard members require-token acme on", "Two things have to be stolen, then."]);

  const audit = about("audit", "list who did what for a publisher, newest first", withPage).does(
    async ({ registry, publisher, report }, _, { limit = 50, cursor }) => {
      const page = await registry.listAudit(publisher, { limit, cursor });
      const lines = page.items.map(
        ({ at, actor, action, details }) => `${at}  ${actor}  ${action}  ${toJson(details)}`,
      );
      report.done(page, (lines.join("\n") || "Nothing yet.") + andMore(page.nextCursor));
    },
  );
  addExamples(audit, ["plugboard members audit acme --limit 10", "The last ten things that were done."]);
}

function isOn(word: string): boolean {
  if (word === "on" || word === "off") return word === "on";
  throw new CliFailure("usage", `Say "on" or "off"; "${word}" is neither.`);
}
