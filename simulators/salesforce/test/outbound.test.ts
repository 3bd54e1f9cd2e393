/** Outbound messages, as a listener gets them, and until it says that it has. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { XMLParser } from "fast-xml-parser";
import { type Connected, connect } from "./connect.ts";

const acknowledged = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>
</soapenv:Body></soapenv:Envelope>`;

let listener: Server;
let connected: Connected;
let now = Date.UTC(2026, 10, 1);
const heard: { body: string; type: string | undefined }[] = [];
let answer = { status: 200, body: acknowledged };

before(async () => {
  listener = createServer(async (request, response) => {
    heard.push({ body: await text(request), type: request.headers["content-type"] });
    response.writeHead(answer.status, { "Content-Type": "text/xml" }).end(answer.body);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  connected = await connect({
    nowMs: () => now,
    sessionSeconds: 7 * 86_400,
    addressOf: (endpoint) => endpoint.replace("https://app.example", `http://127.0.0.1:${port}`),
  });
  connected.sendOutboundMessages("acme", {
    object: "Account",
    fields: ["Name", "Industry", "CreatedDate"],
    endpoint: "https://app.example/salesforce",
  });
});
after(async () => {
  listener.close();
  listener.closeAllConnections();
  await connected.close();
});

const parser = new XMLParser({ removeNSPrefix: true, ignoreAttributes: false, parseTagValue: false });
const create = (names: string[]) =>
  connected.salesforce.sobject("Account").create(names.map((Name) => ({ Name })));

test("a message tells of many records, and comes once when it is acknowledged", async () => {
  const made = await create(["Fish & <Chips>", "Second"]);
  await connected.deliverDue();
  assert.deepEqual([heard.length, heard[0]?.type], [1, "text/xml; charset=utf-8"]);
  const { notifications } = parser.parse(heard[0]?.body ?? "", true).Envelope.Body;
  assert.equal(notifications.OrganizationId, connected.org("acme").id);
  const records = notifications.Notification.map(
    ({ sObject }: { sObject: { [name: string]: string } }) => sObject,
  );
  assert.deepEqual(
    records.map((one: { [name: string]: string }) => [one["@_type"], one.Id, one.Name, one.CreatedDate]),
    [
      ["sf:Account", made[0]?.id, "Fish & <Chips>", "2026-11-01T00:00:00.000+0000"],
      ["sf:Account", made[1]?.id, "Second", "2026-11-01T00:00:00.000+0000"],
    ],
  );
  now += 86_400_000;
  await connected.deliverDue();
  assert.equal(heard.length, 1);
});

test("what is not acknowledged comes again, ever later, under the same id, for a day", async () => {
  const before = heard.length;
  await create(["Stubborn"]);
  for (const reply of [
    { status: 500, body: acknowledged },
    { status: 200, body: acknowledged.replace("true", "false") },
    { status: 200, body: "ok" },
  ]) {
    answer = reply;
    await connected.deliverDue();
    await connected.deliverDue();
    now += 2 * 3_600_000;
  }
  const delivery = connected.deliveries.at(-1);
  assert.deepEqual(
    delivery?.attempts.map(({ status, acknowledged: isTaken }) => [status, isTaken]),
    [
      [500, false],
      [200, false],
      [200, false],
    ],
  );
  const sent = heard.slice(before).map(({ body }) => body);
  assert.ok(sent.length === 3 && sent.every((body) => body === sent[0]));
  now += 86_400_000;
  await connected.deliverDue();
  assert.equal(delivery?.dueAt, undefined, "given up");
  answer = { status: 200, body: acknowledged };
  await connected.deliverDue();
  assert.equal(heard.length, before + 4);
});
