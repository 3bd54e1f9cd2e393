import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { interceptDials } from "./dials.ts";
import { grantOf, openPlugin, startVendor, testClock, vendorUrl } from "./harness.ts";

const notPublic = { code: "fetch-address-not-public" };

const privateAddresses = {
  "this host": ["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "::", "::1"],
  "private networks": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
  "the link": ["169.254.0.1", "fe80::1", "fe80::1%eth0", "febf::1"],
  "metadata services": [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "192.0.0.192",
    "fd00:ec2::254",
    "168.63.129.16",
  ],
  "a carrier's NAT": ["100.64.0.1", "100.127.255.255"],
  "protocol assignments": [
    "192.0.0.1",
    "192.0.0.170",
    "192.88.99.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.175.48.1",
  ],
  benchmarks: ["198.18.0.1", "198.19.255.255", "2001:2::1"],
  documentation: ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
  "many at once": ["224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1"],
  "no one yet": ["240.0.0.1", "4000::1", "1::1", "e000::1"],
  "sites, as it was once": ["fec0::1"],
  "IPv4 in IPv6, mapped": ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1"],
  "IPv4 in IPv6, compatible": ["::127.0.0.1", "::8.8.8.8"],
  "IPv4 in IPv6, NAT64": ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1"],
  "IPv4 in IPv6, 6to4": ["2002:7f00:1::1", "2002:a9fe:a9fe::"],
  "IPv4 in IPv6, Teredo": ["2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
  "other special uses": [
    "100::1",
    "2001:3::1",
    "2001:4:112::1",
    "2001:10::1",
    "2001:20::1",
    "2620:4f:8000::1",
    "5f00::1",
  ],
};

describe("a name is refused that leads to", () => {
  for (const [what, addresses] of Object.entries(privateAddresses)) {
    test(what, async (t) => {
      const dials = interceptDials(t);
      for (const address of addresses) {
        const plugin = openPlugin(t, { resolve: async () => [address] });
        await assert.rejects(plugin.fetch(), notPublic, address);
        assert.equal(plugin.credentialsOpened, 0);
      }
      assert.deepEqual(dials.addresses, []);
    });
  }

  for (const answer of [
    "0177.0.0.1",
    "0x7f.1",
    "2130706433",
    "127.1",
    "localhost",
    "",
    "1.2.3.4/8",
    " 93.184.216.34",
  ]) {
    test(`something that is no plain address: ${JSON.stringify(answer)}`, async (t) => {
      await assert.rejects(openPlugin(t, { resolve: async () => [answer] }).fetch(), notPublic);
    });
  }

  for (const answers of [
    ["93.184.216.34", "127.0.0.1"],
    ["10.0.0.1", "93.184.216.34"],
    ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::1"],
  ]) {
    test(`public addresses and others: ${answers.join(", ")}`, async (t) => {
      const dials = interceptDials(t);
      await assert.rejects(openPlugin(t, { resolve: async () => answers }).fetch(), notPublic);
      assert.deepEqual(dials.addresses, []);
    });
  }
});

describe("an address in the URL is refused, however it is written, even where a grant names it:", () => {
  const urls = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://0x7f.0.0.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://017700000001/",
    "https://127.0.0.1./",
    "https://①②⑦.⓪.⓪.①/",
    "https://0/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://2852039166/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[0:0:0:0:0:ffff:7f00:1]/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
  ];
  for (const url of urls) {
    test(url, async (t) => {
      const dials = interceptDials(t);
      const plugin = openPlugin(t, {
        network: grantOf(new URL(url).host),
        resolve: async () => ["93.184.216.34"],
      });
      await assert.rejects(plugin.fetch({ url }), notPublic);
      assert.deepEqual(dials.addresses, []);
    });
  }
});

describe("a public address is dialled:", () => {
  for (const address of [
    "93.184.216.34",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::6810:85e5",
    "2a00:1450::1",
  ]) {
    test(address, async (t) => {
      const dials = interceptDials(t);
      const plugin = openPlugin(t, { resolve: async () => [address], limits: { maxRetries: 0 } });
      await assert.rejects(plugin.fetch(), { code: "fetch-failed" });
      assert.deepEqual(dials.addresses, [`${address}:443`]);
    });
  }

  test("one that stands in the URL", async (t) => {
    const dials = interceptDials(t);
    const plugin = openPlugin(t, { network: grantOf("[2606:4700::6810:85e5]"), limits: { maxRetries: 0 } });
    await assert.rejects(plugin.fetch({ url: "https://[2606:4700::6810:85e5]/" }), { code: "fetch-failed" });
    assert.deepEqual(dials.addresses, ["2606:4700::6810:85e5:443"]);
  });
});

test("a name server that changes its answer after the check changes nothing: the checked addresses are dialled", async (t) => {
  const dials = interceptDials(t);
  const answers = [["93.184.216.34", "2606:2800:220:1::1"], ["127.0.0.1"]];
  let asked = 0;
  const plugin = openPlugin(t, {
    resolve: async () => answers[asked++] ?? assert.fail(),
    limits: { maxRetries: 0 },
  });
  await assert.rejects(plugin.fetch(), { code: "fetch-failed" });
  assert.equal(asked, 1);
  assert.deepEqual(dials.addresses, ["93.184.216.34:443", "2606:2800:220:1::1:443"]);

  await assert.rejects(plugin.fetch(), notPublic, "the next request is checked anew");
  assert.equal(asked, 2);
  assert.equal(dials.addresses.length, 2);
});

test("the name of this machine leads nowhere, with the system's own resolver", async (t) => {
  const vendor = await startVendor(t);
  const dials = interceptDials(t);
  const host = `localhost:${vendor.port}`;
  const plugin = openPlugin(t, { network: grantOf(host), resolve: undefined });
  await assert.rejects(plugin.fetch({ url: `https://${host}/` }), notPublic);
  assert.deepEqual([dials.addresses, vendor.sockets], [[], 0]);
});

describe("a name that does not resolve is said to be one:", () => {
  const resolvers: Record<string, () => Promise<string[]>> = {
    "the name server knows no such name": async () => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    },
    "the answer is empty": async () => [],
  };
  for (const [what, resolve] of Object.entries(resolvers)) {
    test(what, async (t) => {
      await assert.rejects(openPlugin(t, { resolve }).fetch(), {
        code: "fetch-dns-failed",
        message: "The name of api.vendor.test could not be resolved.",
      });
    });
  }
});

test("a name server that does not answer costs no more than the deadline", async (t) => {
  const clock = testClock();
  const asked = Promise.withResolvers<void>();
  const plugin = openPlugin(t, {
    clock,
    resolve: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  const reply = plugin.fetch();
  await asked.promise;
  clock.passDeadline();
  await assert.rejects(reply, { code: "fetch-timeout" });
});

test("requests that want the same name at the same time ask for it once", async (t) => {
  interceptDials(t);
  const answer = Promise.withResolvers<string[]>();
  let asked = 0;
  const plugin = openPlugin(t, {
    limits: { maxRetries: 0 },
    resolve: () => {
      asked++;
      return answer.promise;
    },
  });
  const requests = Array.from({ length: 5 }, () => plugin.fetch({ url: vendorUrl }));
  answer.resolve(["93.184.216.34"]);
  const outcomes = await Promise.allSettled(requests);
  assert.equal(asked, 1);
  assert.ok(outcomes.every(({ status }) => status === "rejected"));
});
