import assert from "node:assert/strict";
import { type Answer, create, refused, type Scenario } from "./scenario.ts";

export const records: Scenario[] = [
  {
    name: "a record is created, read, changed and deleted",
    async play(driver) {
      const { run } = driver;
      const id = await create(driver, "Account", { Name: "Acme", Industry: "Energy", AnnualRevenue: 12.5 });
      assert.match(id, /^001\w{15}$/);
      const fields = ["Name", "Industry", "AnnualRevenue", "Rating", "CreatedDate"];
      const { attributes, ...read } = await run("get-record", { object: "Account", id, fields });
      assert.equal(attributes.type, "Account");
      assert.deepEqual(read, {
        Id: id,
        Name: "Acme",
        Industry: "Energy",
        AnnualRevenue: 12.5,
        Rating: null,
        CreatedDate: "2026-11-01T12:00:00.000+0000",
      });
      await run("update-record", { object: "Account", id, fields: { Industry: null, Rating: "Hot" } });
      const changed = await run("get-record", { object: "Account", id: id.slice(0, 15), fields });
      assert.deepEqual([changed.Industry, changed.Rating, changed.Name], [null, "Hot", "Acme"]);
      await run("delete-record", { object: "Account", id });
      await refused(run("get-record", { object: "Account", id, fields }), "ENTITY_IS_DELETED");
      await refused(run("update-record", { object: "Account", id, fields: {} }), "ENTITY_IS_DELETED");
    },
  },
  {
    name: "an external id finds its record, and is there once",
    async play(driver) {
      const { run } = driver;
      const place = { object: "Invoice__c", externalIdField: "External_Id__c", value: "INV-1" };
      const made = await run("upsert-record", { ...place, fields: { Name: "First", Amount__c: 10 } });
      const changed = await run("upsert-record", { ...place, fields: { Amount__c: 12 } });
      assert.deepEqual([made.created, changed.created, changed.id], [true, false, made.id]);
      const read = await run("get-record", {
        object: "Invoice__c",
        id: made.id,
        fields: ["Name", "Amount__c"],
      });
      assert.deepEqual([read.Name, read.Amount__c], ["First", 12]);
      await refused(
        run("create-record", { object: "Invoice__c", fields: { Name: "Twice", External_Id__c: "INV-1" } }),
        "DUPLICATE_VALUE",
        new RegExp(`External_Id__c duplicates value on record with id: ${made.id.slice(0, 15)}`),
      );
      await refused(run("upsert-record", { ...place, value: "INV-2", fields: {} }), "REQUIRED_FIELD_MISSING");
    },
  },
  {
    name: "what is wrong with a record is told",
    async play({ run }) {
      const make = (fields: object) => run("create-record", { object: "Contact", fields });
      await refused(make({}), "REQUIRED_FIELD_MISSING", /\[LastName\]/);
      await refused(make({ LastName: "A", Shoe: 1 }), "INVALID_FIELD", /No such column 'Shoe'/);
      await refused(make({ LastName: "A".repeat(81) }), "STRING_TOO_LONG", /max length=80/);
      await refused(make({ LastName: "A", Email: "a" }), "INVALID_EMAIL_ADDRESS");
      await refused(make({ LastName: "A", AccountId: "001000000000000AAA" }), "INVALID_CROSS_REFERENCE_KEY");
      await refused(make({ LastName: "A", AccountId: "acme" }), "MALFORMED_ID");
      await refused(make({ LastName: "A", Name: "told" }), "INVALID_FIELD_FOR_INSERT_UPDATE");
      await refused(run("create-record", { object: "Shoe", fields: {} }), "NOT_FOUND");
      await refused(run("get-record", { object: "Contact", id: "003000000000001AAA" }), "NOT_FOUND");
    },
  },
  {
    name: "a record that somebody else is writing has to wait",
    async play(driver) {
      const { run, org } = driver;
      const id = await create(driver, "Account", { Name: "Busy" });
      org.locked.add(id);
      const write = () => run("update-record", { object: "Account", id, fields: { Name: "Busier" } });
      await refused(write(), "UNABLE_TO_LOCK_ROW", /unable to obtain exclusive access/);
      const together = await run("update-records", { object: "Account", records: [{ id, fields: {} }] });
      assert.equal(together.results[0].errors[0].code, "UNABLE_TO_LOCK_ROW");
      org.locked.delete(id);
      await write();
    },
  },
  {
    name: "objects are described, with the fields that the user may see",
    async play({ run }) {
      const { name, fields } = await run("describe-object", { object: "Invoice__c" });
      assert.equal(name, "Invoice__c");
      const named = new Map<string, Answer>(fields.map((field: Answer) => [field.name, field]));
      const externalId = named.get("External_Id__c");
      assert.deepEqual([externalId.externalId, externalId.unique, externalId.length], [true, true, 80]);
      assert.deepEqual(named.get("Account__c").referenceTo, ["Account"]);
      assert.equal(named.get("CreatedDate").updateable, false);
      await refused(run("describe-object", { object: "Shoe" }), "NOT_FOUND");
    },
  },
];
