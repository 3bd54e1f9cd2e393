/**
 * Payloads of a plugin that was granted api.vendor.example, dns.vendor.example and files.vendor.example (GET, POST), and
 * some paths of paths.vendor.example. Each says `won` with what it got hold of.
 */
export const attacks: Record<string, { run: string; lost: RegExp }> = {
  "another host": {
    run: `return all([
      "https://evil.example/", "https://vendor.example/", "https://www.api.vendor.example/",
      "https://api.vendor.example.evil.example/", "https://apixvendor.example/", "https://api.vendor.example./",
      "https://api.vendor.example%2eevil.example/", "https://api-vendor.example/", "https://api.vendor.example.:443/",
      "https://xn--pi-7ta.vendor.example/", "https://\\u0430pi.vendor.example/", "https://api.vend\\u043er.example/",
      "https://\\u24d4vil.example/", "https://evil\\u3002example/", "https://api.vendor.example\\u2024evil.example/",
      "https://ev%69l.example/", "https://EVIL.example/", "https://[api.vendor.example]/",
    ], (url) => attempt(url));`,
    lost: /^(fetch-not-granted|fetch-invalid-request|TypeError)$/,
  },
  "a user name that looks like the host": {
    run: `return all([
      "https://api.vendor.example@evil.example/", "https://api.vendor.example:443@evil.example/",
      "https://api.vendor.example%40evil.example/", "https://evil.example\\\\@api.vendor.example/",
      "https://evil.example#@api.vendor.example/", "https://evil.example?@api.vendor.example/",
      "https://user@api.vendor.example/echo", "https://:password@api.vendor.example/echo",
      "https://api.vendor.example:80@169.254.169.254/", "https://a:b@c:d@evil.example/",
    ], (url) => attempt(url));`,
    lost: /^(fetch-not-granted|fetch-invalid-request|TypeError)$/,
  },
  "another port": {
    run: `return all([
      "https://api.vendor.example:8443/", "https://api.vendor.example:80/", "https://api.vendor.example:0/",
      "https://api.vendor.example:1/", "https://api.vendor.example:65535/", "https://api.vendor.example:65536/",
      "https://api.vendor.example:65979/", "https://api.vendor.example:-1/", "https://api.vendor.example:4430/",
      "https://api.vendor.example:443:80/", "https://api.vendor.example:0x1bb/", "https://api.vendor.example:\\uff18\\uff10/",
    ], (url) => attempt(url));`,
    lost: /^(fetch-not-granted|fetch-invalid-request|TypeError)$/,
  },
  "an address in the URL": {
    run: `return all([
      "https://127.0.0.1/", "https://127.1/", "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://0x7f000001/",
      "https://2130706433/", "https://017700000001/", "https://127.0.0.1./", "https://\\uff11\\uff12\\uff17.0.0.1/",
      "https://\\u2460\\u2461\\u2466.\\u24ea.\\u24ea.\\u2460/", "https://0/", "https://0.0.0.0/", "https://169.254.169.254/latest/meta-data/",
      "https://0xa9fea9fe/", "https://2852039166/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
      "https://[::ffff:a9fe:a9fe]/", "https://[0:0:0:0:0:ffff:7f00:1]/", "https://[64:ff9b::127.0.0.1]/", "https://[64:ff9b:1::1]/",
      "https://[2002:7f00:1::]/", "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/",
      "https://[fd00:ec2::254]/", "https://metadata.google.internal/", "https://localhost/", "https://localhost:5432/",
      "https://10.0.0.1/", "https://192.168.0.1/", "https://168.63.129.16/", "https://100.100.100.200/", "https://192.0.0.192/",
      "https://93.184.216.34/", "https://255.255.255.255/", "https://256.256.256.256/", "https://1.1.1.1.1/",
    ], (url) => attempt(url));`,
    lost: /^(fetch-not-granted|fetch-invalid-request|TypeError)$/,
  },
  "another protocol": {
    run: `return all([
      "http://api.vendor.example/echo", "ws://api.vendor.example/", "wss://api.vendor.example/", "ftp://api.vendor.example/",
      "file:///etc/passwd", "file://api.vendor.example/etc/passwd", "data:text/plain,hello", "blob:https://api.vendor.example/1", "about:blank",
      "javascript:1", "gopher://api.vendor.example:70/_x", "dict://api.vendor.example/", "unix:/var/run/docker.sock:/info", "https+unix://api.vendor.example/",
      "view-source:https://api.vendor.example/", "jar:https://api.vendor.example!/", "//api.vendor.example/", "/echo", "echo", "",
    ], (url) => attempt(url));`,
    lost: /^(fetch-not-granted|fetch-invalid-request|TypeError)$/,
  },
  "another method": {
    run: `return all([
      "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE", "TRACK", "PROPFIND", "BREW", "GET POST", "GET\\r\\nX: 1", "", "G\\u0000ET", "delete", "Patch", "connect",
    ], (method) => attempt(echo, { method }, (text) => !text.includes('"method":"GET"')));`,
    lost: /^(fetch-not-granted|fetch-invalid-request|TypeError|harmless)$/,
  },
  "another method by a header": {
    run: `return all([
      "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X_HTTP_Method_Override", "x-http_method-override", "X.HTTP.Method.Override", "X-Original-Method",
    ], (name) => attempt(echo, { method: "POST", headers: { [name]: "DELETE" } }));`,
    lost: /^(fetch-invalid-request|TypeError)$/,
  },
  "another path than granted": {
    run: `return all([
      "/", "/v1", "/v1/", "/v3/x", "/V1/x", "/v1/x/y", "/v1/../admin", "/v1/%2e%2e/admin", "/v1/%2E%2e%2fadmin", "/v1/..%2fadmin", "/v1/..\\\\admin",
      "/v1/..%5cadmin", "/v1//admin", "//v1/x", "/v1/x;/../../admin", "/v1/..;/admin", "/v1/..%3b/admin", "/v1/%252e%252e/admin", "/v1/%00",
      "/v2/%c0%ae%c0%ae/admin", "/v2/%e0%80%ae/admin", "/v2/\\uff0e\\uff0e/admin", "/v2/\\u2025/admin", "/v2/x%0d%0aX:1", "/v2/a\\\\..\\\\..\\\\admin", "/%76%31/x", "/v\\uff11/x",
      "/admin?/v1/x", "/admin#/v1/x", "/v1/x/..%2f..%2fadmin",
    ], (path) => attempt("https://paths.vendor.example" + path));`,
    lost: /^fetch-not-granted$/,
  },
  "a second request in a header": {
    run: `const isThere = (text) => /evil/i.test(text);
    return all([
      ["x-a", "1\\r\\nX-Evil: 1"], ["x-a", "1\\nX-Evil: 1"], ["x-a", "1\\rX-Evil: 1"], ["x-a", "1\\r\\n\\r\\nGET /evil HTTP/1.1\\r\\n\\r\\n"], ["x-a", "1\\r\\n evil"],
      ["x-a", "\\u560d\\u560aX-Evil: 1"], ["x-a", "1\\u0000evil"], ["x-a", "1\\u0085X-Evil: 1"], ["x-a\\r\\nx-evil", "1"], ["x-a: 1\\r\\nx-evil", "1"], ["x-evil ", "1"],
    ], ([name, value]) => attempt(echo, { headers: [[name, value]] }, (text) => /"x-evil"|\\/evil/i.test(text)));`,
    lost: /^(fetch-invalid-request|TypeError|harmless)$/,
  },
  "headers that the host sets": {
    run: `return all([
      "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "Proxy-Authorization", "Proxy-Connection", "Proxy-Authenticate", "Cookie", "Cookie2",
      "Expect", "TE", "Trailer", "Via", "Forwarded", "X-Forwarded-Host", "X-Forwarded-For", "X-Original-URL", "X-Rewrite-URL", "X-Host", "Range", "If-Range", "Sec-Fetch-Site", "HTTP2-Settings",
      "Authorization", "authorization", "AUTHORIZATION", "X_Forwarded_Host", "Content_Length", "Accept-Encoding", "Accept-Charset",
    ], (name) => attempt(echo, { method: "POST", body: "x", headers: { [name]: "evil.example" } }, (text) => text.includes("evil.example")));`,
    lost: /^(fetch-invalid-request|TypeError|harmless)$/,
  },
  "a body that is a second request": {
    run: `return [await attempt(echo, { method: "POST", headers: { "content-length": "0" }, body: "GET /evil HTTP/1.1\\r\\nHost: api.vendor.example\\r\\n\\r\\n" }, (text) => text.includes("evil"))];`,
    lost: /^harmless$/,
  },
  "objects that change between two looks": {
    run: `let n = 0;
    const sly = { toString: () => (n++ === 0 ? echo : "https://evil.example/"), get href() { return n++ ? "https://evil.example/" : echo; } };
    const url = new URL(echo); const request = new Request(echo);
    return all([
      () => attempt(sly, {}, (text, response) => response.url.includes("evil")),
      () => attempt({ url: "https://evil.example/", method: "GET", toString: () => echo }, {}, (text, response) => response.url.includes("evil")),
      () => { try { Object.defineProperty(url, "href", { value: "https://evil.example/" }); } catch {} return attempt(url, {}, (text, response) => response.url.includes("evil")); },
      () => { try { Object.defineProperty(request, "url", { value: "https://evil.example/" }); } catch {} return attempt(request, {}, (text, response) => response.url.includes("evil")); },
      () => attempt(echo, { get method() { return n++ % 2 ? "DELETE" : "GET"; } }, (text) => text.includes("DELETE")),
      () => attempt(echo, { agent: "http://127.0.0.1", dispatcher: {}, redirect: "follow", proxy: "http://evil.example" }, (text, response) => response.url.includes("evil")),
      () => attempt(echo, { __proto__: { method: "DELETE" } }, (text) => text.includes("DELETE")),
    ], (one) => one());`,
    lost: /^(fetch-not-granted|fetch-invalid-request|TypeError|harmless)$/,
  },
};

/** Where a vendor may be made to redirect to. */
export const redirectTargets = [
  "https://evil.example/",
  "//evil.example/",
  "\\\\evil.example/",
  "/\\evil.example/",
  "https://api.vendor.example.evil.example/",
  "https://api.vendor.example:8443/",
  "https://api.vendor.example./",
  "https://user:password@api.vendor.example/",
  "https://api.vendor.example@evil.example/",
  "http://api.vendor.example/",
  "http://169.254.169.254/latest/meta-data/",
  "https://169.254.169.254/latest/meta-data/",
  "https://metadata.google.internal/",
  "https://2852039166/",
  "https://0xa9fea9fe/",
  "https://[::ffff:169.254.169.254]/",
  "https://[fd00:ec2::254]/",
  "https://127.0.0.1/",
  "https://[::1]/",
  "https://localhost/",
  "https://①②⑦.⓪.⓪.①/",
  "ht\ttps://evil.example/",
  "https://ev\til.example/",
  "https://paths.vendor.example/admin",
  "https://paths.vendor.example/v1/..%2fadmin",
  "file:///etc/passwd",
  "data:text/plain,hello",
  "gopher://127.0.0.1:70/_x",
  "javascript:1",
  "ftp://api.vendor.example/",
  "https://",
];

/** The last address of each range that is not the public internet's, and the clouds' metadata services. */
export const addressesThatNobodyMayReach = [
  "0.0.0.0",
  "0.255.255.255",
  "10.255.255.255",
  "100.64.0.1",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.255",
  "169.254.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.1",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.255.255",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "169.254.169.254", // AWS, Google, Azure, DigitalOcean
  "169.254.170.2", // AWS ECS
  "fd00:ec2::254", // AWS
  "fd20:ce::254", // Google
  "100.100.100.200", // Alibaba
  "192.0.0.192", // Oracle
  "168.63.129.16", // Azure's wire server, at an address that looks public
  "::",
  "::1",
  "::ffff:10.0.0.1",
  "::ffff:8.8.8.8",
  "::127.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b::808:808",
  "64:ff9b:1::a00:1",
  "2002:a9fe:a9fe::",
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "2001:db8::1",
  "2001:2::1",
  "3fff::1",
  "100::1",
  "fc00::1",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
];

export const answersThatLead: Record<string, { addresses: string[]; lost: RegExp }> = {
  "a public address and one of this network": {
    addresses: ["93.184.216.34", "10.0.0.1"],
    lost: /^fetch-address-not-public$/,
  },
  "many public addresses and the last one is this machine's": {
    addresses: [...Array.from({ length: 5000 }, (_, i) => `93.184.${i >> 8}.${i & 255}`), "127.0.0.1"],
    lost: /^fetch-address-not-public$/,
  },
  "a public IPv4 address and this machine's IPv6 one": {
    addresses: ["93.184.216.34", "::1"],
    lost: /^fetch-address-not-public$/,
  },
  "another name instead of an address": {
    addresses: ["localhost"],
    lost: /^fetch-address-not-public$/,
  },
  "an address as only some libraries read it": {
    addresses: ["0177.0.0.1"],
    lost: /^fetch-address-not-public$/,
  },
  nothing: { addresses: [], lost: /^fetch-dns-failed$/ },
};
