/** What happens in an org: by asking, and by outbound messages. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { type Answer, type Connected, connect } from "./connect.ts";

let now = Date.UTC(2026, 10, 1, 12);
let connected: Connected;
before(async () => {
  connected = await connect({ nowMs: () => now });
});
after(() => connected.close());

const run: Connected["run"] = (...args) => connected.run(...args);
const create = async (object: string, fields: object): Promise<string> =>
  (await run("create-record", { object, fields })).id;

describe("triggers", () => {
  const poller = (trigger: string, config: object) => {
    let cursor: string | null = null;
    return async () => {
      const found: Answer[] = [];
      for (let more = true; more; ) {
        const page = await connected.host.poll(trigger, { cursor, config: config as never });
        found.push(...page.items);
        cursor = page.cursor;
        more = page.hasMore;
      }
      return found;
    };
  };

  test("find new records and changed ones, of any object, with keys of their own", async () => {
    now += 3_600_000;
    const config = {
      object: "Invoice__c",
      fields: ["Name", "Account__r.Name"],
      where: [{ field: "Amount__c", operator: "greater", value: 1_000 }],
    };
    const [pollNew, pollChanged] = [poller("new-record", config), poller("updated-record", config)];
    assert.deepEqual([await pollNew(), await pollChanged()], [[], []]);
    now += 600_000;
    const id = await create("Invoice__c", { Name: "Large", Amount__c: 2_000 });
    await create("Invoice__c", { Name: "Small", Amount__c: 2 });
    const [made] = await pollNew();
    assert.deepEqual([made.key, made.item.record.Name, made.item.object], [id, "Large", "Invoice__c"]);
    const [first] = await pollChanged();
    now += 1_000;
    await run("update-record", { object: "Invoice__c", id, fields: { Name: "Larger" } });
    const changed = await pollChanged();
    assert.deepEqual(
      changed.map(({ item }) => item.record.Name),
      ["Larger"],
    );
    assert.notEqual(changed[0].key, first.key);
    const [told] = await pollChanged();
    assert.equal(told.key, changed[0].key, "told again under the same key");
    await run("update-record", { object: "Invoice__c", id, fields: { Name: "Largest" } });
    const [again] = await pollChanged();
    assert.equal(again.item.systemModstamp, told.item.systemModstamp);
    assert.notEqual(again.key, told.key, "what changed again in the very second");
    assert.deepEqual(
      (await pollNew()).map(({ key }) => key),
      [id],
      "told again under the same key",
    );
  });

  test("that begin now ask for nothing older", async () => {
    now += 3_600_000;
    connected.host.clock.advance(now - connected.host.clock.now());
    const config = { object: "Case" };
    await create("Case", { Subject: "Old" });
    now += 3_600_000;
    connected.host.clock.advance(3_600_000);
    const id = await create("Case", { Subject: "New" });
    const keys = async (startAt: "now" | "beginning") =>
      (await connected.host.poll("new-record", { config, startAt })).items.map(({ key }) => key);
    assert.deepEqual(await keys("now"), [id]);
    assert.equal((await keys("beginning")).length, 2);
  });

  test("find each of many, over pages", async () => {
    now += 3_600_000;
    const poll = poller("new-record", { object: "Lead", where: [{ field: "Company", value: "Trigger" }] });
    const records = Array.from({ length: 200 }, (_, index) => ({
      LastName: `T${index}`,
      Company: "Trigger",
    }));
    await run("create-records", { object: "Lead", records });
    await run("create-records", { object: "Lead", records: records.slice(0, 50) });
    assert.equal(new Set((await poll()).map(({ key }) => key)).size, 250);
  });
});

describe("outbound messages", () => {
  test("become events about the records, without the session that may be in them", async () => {
    connected.vendor.sendOutboundMessages("acme", {
      object: "Contact",
      fields: ["LastName", "Email"],
      endpoint: "http://127.0.0.1:9/",
      sessionId: "00D!secret-session",
    });
    const id = await create("Contact", { LastName: "<O'Neill & Sons>" });
    await connected.vendor.deliverDue();
    const body = connected.vendor.deliveries.at(-1)?.body ?? "";
    assert.match(body, /secret-session/);
    const { events, reply } = await connected.host.receive({ rawBody: body });
    assert.equal(events.length, 1);
    assert.deepEqual([reply.status, reply.contentType], [200, "text/xml; charset=utf-8"]);
    assert.match(reply.body, /<notificationsResponse [^>]*><Ack>true<\/Ack>/);
    const [event] = events;
    assert.deepEqual([event?.type, event?.entity, event?.key], ["outbound-message.received", "contact", id]);
    assert.match(event?.id ?? "", /^04l/);
    const { object, recordId, fields } = (event?.data ?? {}) as Answer;
    assert.deepEqual([object, recordId, fields], ["Contact", id, { Id: id, LastName: "<O'Neill & Sons>" }]);
    assert.doesNotMatch(JSON.stringify(events), /secret-session/);
    assert.deepEqual(
      (await connected.host.normalize({ rawBody: body })).map((one) => one.id),
      [event?.id],
      "the same id when it comes again",
    );
  });

  test("are acknowledged in the way that Salesforce waits for", async () => {
    const listener = createServer(async (request, response) => {
      const { reply } = await connected.host.receive({ rawBody: await text(request) });
      response.writeHead(reply.status, { "Content-Type": reply.contentType }).end(reply.body);
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    connected.vendor.sendOutboundMessages("acme", {
      object: "Invoice__c",
      fields: ["Name"],
      endpoint: `http://127.0.0.1:${port}/`,
    });
    await create("Invoice__c", { Name: "Told" });
    await connected.vendor.deliverDue();
    listener.close();
    assert.deepEqual(connected.vendor.deliveries.at(-1)?.attempts, [{ status: 200, acknowledged: true }]);
  });

  test("of another org, with entities of their own, or that are none are refused", async () => {
    const body = connected.vendor.deliveries.find((one) => one.body.includes("sf:Contact"))?.body ?? "";
    const refused = { code: "invalid-input" };
    const other = body.replace(/<OrganizationId>[^<]*/, "<OrganizationId>00D000000000099AAA");
    await assert.rejects(connected.host.normalize({ rawBody: other }), refused);
    const bomb = body
      .replace(
        "<soapenv:Envelope",
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><soapenv:Envelope',
      )
      .replace("&lt;", "&a;&b;");
    await assert.rejects(connected.host.normalize({ rawBody: bomb }), refused);
    for (const rawBody of [
      "",
      "{}",
      "<html/>",
      body.slice(0, -20),
      body.replaceAll("notifications", "other"),
    ])
      await assert.rejects(connected.host.normalize({ rawBody }), refused, rawBody);
  });
});
