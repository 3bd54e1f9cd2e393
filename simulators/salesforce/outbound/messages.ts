import { XMLParser } from "fast-xml-parser";
import type { Org } from "../orgs.ts";
import { makeId } from "../records/ids.ts";
import { envelopeOf, type Notification } from "./envelope.ts";

/** What an administrator sets up: of which records, what is sent where. */
export interface OutboundRule {
  object: string;
  /** Besides the id. */
  fields: readonly string[];
  endpoint: string;
  /** A session to call back with, in each message. */
  sessionId?: string;
}

/** A message on its way, or there. */
export interface OutboundDelivery {
  endpoint: string;
  notificationIds: string[];
  body: string;
  /** What each attempt was answered with: its status, 0 without an answer, and whether it was acknowledged. */
  attempts: { status: number; acknowledged: boolean }[];
  /** Milliseconds since 1970; undefined once it is acknowledged, or was given up. */
  dueAt: number | undefined;
}

/** Ever longer pauses, up to two hours; a day after the first attempt it is given up. */
const firstPauseMs = 30_000;
const longestPauseMs = 2 * 3_600_000;
const givenUpAfterMs = 86_400_000;
const answerMs = 10_000;
const mostNotifications = 100;

/** Sends outbound messages, again and again until they are acknowledged. @param options.addressOf where an endpoint really is */
export function createOutbound(options: { nowMs(): number; addressOf(endpoint: string): string }) {
  const { nowMs, addressOf } = options;
  const all: OutboundDelivery[] = [];
  const began = new Map<OutboundDelivery, number>();
  const waiting: { org: Org; rule: OutboundRule; actionId: string; notification: Notification }[] = [];
  let serial = 0;

  async function attempt(delivery: OutboundDelivery): Promise<void> {
    const outcome = await fetch(addressOf(delivery.endpoint), {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(answerMs),
      headers: { "Content-Type": "text/xml; charset=utf-8", SOAPAction: '""' },
      body: delivery.body,
    }).then(
      async (response) => ({
        status: response.status,
        acknowledged: response.ok && isAcknowledged(await response.text()),
      }),
      () => ({ status: 0, acknowledged: false }),
    );
    delivery.attempts.push(outcome);
    const pause = Math.min(firstPauseMs * 2 ** (delivery.attempts.length - 1), longestPauseMs);
    const isOver = nowMs() + pause > (began.get(delivery) ?? 0) + givenUpAfterMs;
    delivery.dueAt = outcome.acknowledged || isOver ? undefined : nowMs() + pause;
  }

  /** What waits, at most a hundred notifications of a rule in a message. */
  function pack(): void {
    while (waiting.length > 0) {
      const [first] = waiting;
      if (!first) return;
      const together = waiting
        .filter(({ rule, org }) => rule === first.rule && org === first.org)
        .slice(0, mostNotifications);
      for (const one of together) waiting.splice(waiting.indexOf(one), 1);
      const { org, rule, actionId } = first;
      const head = {
        organizationId: org.id,
        actionId,
        sessionId: rule.sessionId ?? null,
        instanceUrl: `https://${org.domain}`,
      };
      const notifications = together.map(({ notification }) => notification);
      const delivery: OutboundDelivery = {
        endpoint: rule.endpoint,
        notificationIds: notifications.map(({ id }) => id),
        body: envelopeOf(head, notifications),
        attempts: [],
        dueAt: nowMs(),
      };
      began.set(delivery, nowMs());
      all.push(delivery);
    }
  }

  return {
    all,
    /** From now on records of the object are sent when they are created or changed. */
    addRule(org: Org, rule: OutboundRule): void {
      const actionId = org.newId("04k");
      const wanted = org.object(rule.object);
      org.listen((object, row) => {
        if (object !== wanted) return;
        serial += 1;
        const notification = { id: makeId("04l", serial), object, fields: rule.fields, row };
        waiting.push({ org, rule, actionId, notification });
      });
    },
    /** Sends what waits and what is due again. */
    async deliverDue(): Promise<void> {
      pack();
      for (const delivery of all)
        if (delivery.dueAt !== undefined && delivery.dueAt <= nowMs()) await attempt(delivery);
    },
  };
}

const parser = new XMLParser({ removeNSPrefix: true, ignoreAttributes: true, parseTagValue: false });

/** `<Ack>true</Ack>` in a SOAP envelope, and nothing less. */
function isAcknowledged(xml: string): boolean {
  try {
    const ack: unknown = parser.parse(xml, true)?.Envelope?.Body?.notificationsResponse?.Ack;
    return ack === "true" || ack === "1";
  } catch {
    return false;
  }
}
