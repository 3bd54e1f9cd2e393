import type { BulkJob } from "./bulk/job.ts";
import { SalesforceError } from "./errors.ts";
import { makeId } from "./records/ids.ts";
import { objects as allObjects } from "./schema/objects.ts";
import { type Row, type SObject, withoutFields } from "./schema/sobject.ts";
import type { OpenQuery } from "./soql/index.ts";

/** All that one org owns. Nothing is shared between orgs. */
export interface Org {
  /** `acme`, or `acme--uat` */
  name: string;
  /** `acme.my.salesforce.com` */
  domain: string;
  isSandbox: boolean;
  id: string;
  /** The user that everything is done as, unless a token says otherwise. */
  adminId: string;
  objects: readonly SObject[];
  tables: Map<string, Map<string, Row>>;
  queries: Map<string, OpenQuery>;
  jobs: Map<string, BulkJob>;
  /** Records that somebody else is writing, by their ids of 18 characters: nobody gets to write them until it is done. */
  locked: Set<string>;
  /** Requests within the day. */
  apiRequests: number;
  maxApiRequests: number;
  nowMs(): number;
  /** The object of this name, however its letters are written. @throws SalesforceError */
  object(name: string): SObject;
  table(object: SObject): Map<string, Row>;
  newId(prefix: string): string;
  /** Undoes what `work` changed where it throws, and tells of nothing then. */
  atomically<T>(work: () => T): T;
  /** Says that a record was created or changed. */
  tell(object: SObject, row: Row): void;
  /** Calls it with every record that was created or changed. */
  listen(listener: (object: SObject, row: Row) => void): void;
}

export interface OrgOptions {
  /** Default `<name>.my.salesforce.com`; that of a sandbox where the name has `--` in it. */
  domain?: string;
  maxApiRequests?: number;
  /** Fields that the app's users may not see, such as `Account.Rating`: for them they are not there. */
  hiddenFields?: readonly string[];
  /** Usernames besides `admin@<name>.example`. */
  users?: readonly string[];
}

export function createOrg(name: string, options: OrgOptions, nowMs: () => number): Org {
  const isSandbox = name.includes("--");
  const { hiddenFields = [] } = options;
  const objects = allObjects.map((object) => withoutFields(object, hiddenFields));
  const serials = new Map<string, number>();
  const tables = new Map(objects.map((object): [string, Map<string, Row>] => [object.name, new Map()]));
  const listeners: ((object: SObject, row: Row) => void)[] = [];
  /** What is told once the work around it is done. */
  let held: [SObject, Row][] | undefined;
  const newId = (prefix: string) => {
    const n = (serials.get(prefix) ?? 0) + 1;
    serials.set(prefix, n);
    return makeId(prefix, n);
  };
  const org: Org = {
    name,
    domain: options.domain ?? (isSandbox ? `${name}.sandbox.my.salesforce.com` : `${name}.my.salesforce.com`),
    isSandbox,
    id: makeId("00D", [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1_000_000),
    adminId: "",
    objects,
    tables,
    queries: new Map(),
    jobs: new Map(),
    locked: new Set(),
    apiRequests: 0,
    maxApiRequests: options.maxApiRequests ?? 15_000,
    nowMs,
    newId,
    listen: (listener) => void listeners.push(listener),
    tell(object, row) {
      if (held) held.push([object, row]);
      else for (const listener of listeners) listener(object, row);
    },
    object(wanted) {
      const found = objects.find((one) => one.name.toLowerCase() === wanted.toLowerCase());
      if (found) return found;
      throw new SalesforceError(404, "NOT_FOUND", "The requested resource does not exist");
    },
    table(object) {
      const table = tables.get(object.name);
      if (!table) throw new TypeError(`There is no table of ${object.name}.`);
      return table;
    },
    atomically(work) {
      const before = [...tables].map(
        ([of, rows]) => [of, new Map([...rows].map(([id, row]) => [id, { ...row }]))] as const,
      );
      const outer = held;
      const told: [SObject, Row][] = [];
      held = told;
      try {
        const result = work();
        held = outer;
        for (const [object, row] of told) org.tell(object, row);
        return result;
      } catch (error) {
        held = outer;
        for (const [of, rows] of before) tables.set(of, rows);
        throw error;
      }
    },
  };
  for (const username of [`admin@${name}.example`, ...(options.users ?? [])]) addUser(org, username);
  return org;
}

function addUser(org: Org, username: string): void {
  const id = org.newId("005");
  org.adminId ||= id;
  const at = new Date(Math.floor(org.nowMs() / 1000) * 1000).toISOString();
  org.tables.get("User")?.set(id, {
    Id: id,
    IsDeleted: false,
    Username: username,
    FirstName: null,
    LastName: username.split("@")[0] ?? username,
    Name: username.split("@")[0] ?? username,
    Email: username,
    IsActive: true,
    CreatedDate: at,
    CreatedById: org.adminId,
    LastModifiedDate: at,
    LastModifiedById: org.adminId,
    SystemModstamp: at,
  });
}
