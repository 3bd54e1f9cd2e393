import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capability, Payload } from "../index.ts";
import { answering, openPlugin } from "./open-plugin.ts";

/** Expressions that plugin code may hold true, as it would in a browser or in Node. */
const holds: { [name: string]: string[] } = {
  Headers: [
    "new Headers({ 'X-A': ' 1 ' }).get('x-a') === '1'",
    "new Headers([['a', '1'], ['A', '2']]).get('a') === '1, 2'",
    "[...new Headers({ b: '2', a: '1' })].join(';') === 'a,1;b,2'",
    "[...new Headers({ b: '2', a: '1' }).keys()].join() === 'a,b'",
    "(() => { const h = new Headers({ a: '1' }); const c = new Headers(h); c.set('a', '2'); c.delete('b'); return h.get('a') + c.get('a') + c.has('b'); })() === '12false'",
    "(() => { const h = new Headers(); h.append('set-cookie', 'a'); h.append('set-cookie', 'b'); return h.getSetCookie().length + [...h].length; })() === 4",
    "['a\\nb', 'a\\0', 'ä\\u2028'].every((value) => { try { new Headers({ a: value }); return false; } catch (e) { return e instanceof TypeError; } })",
    "['', 'a b', 'a:', 'ä'].every((name) => { try { new Headers({ [name]: '1' }); return false; } catch (e) { return e instanceof TypeError; } })",
  ],
  Request: [
    "new Request('https://vendor.test', { method: 'post', body: 'x' }).method === 'POST'",
    "new Request('https://vendor.test').url === 'https://vendor.test/'",
    "new Request(new URL('https://vendor.test/a')).url === 'https://vendor.test/a'",
    "new Request('https://vendor.test', { method: 'POST', body: new URLSearchParams({ a: '1' }) }).headers.get('content-type').startsWith('application/x-www-form-urlencoded')",
    "await new Request(new Request('https://vendor.test', { method: 'PUT', body: 'x' })).text() === 'x'",
    "await new Request('https://vendor.test', { method: 'PUT', body: 'x' }).clone().text() === 'x'",
    "(() => { try { new Request('/relative'); } catch (e) { return e instanceof TypeError; } })()",
    "(() => { try { new Request('https://vendor.test', { body: 'x' }); } catch (e) { return e instanceof TypeError; } })()",
    "(() => { try { new Request('https://vendor.test', { method: 'GET\\r\\nX: 1' }); } catch (e) { return e instanceof TypeError; } })()",
  ],
  "Request, how it takes redirects": [
    "new Request('https://vendor.test').redirect === 'follow'",
    "new Request(new Request('https://vendor.test', { redirect: 'manual' })).clone().redirect === 'manual'",
    "(() => { try { new Request('https://vendor.test', { redirect: 'never' }); } catch (e) { return e instanceof TypeError; } })()",
  ],
  Response: [
    "await Response.json({ a: 1 }).text() === '{\"a\":1}' && Response.json({}).headers.get('content-type') === 'application/json'",
    "(await new Response('{\"a\":1}').json()).a === 1",
    "new Response(null, { status: 404 }).ok === false && new Response().status === 200",
    "await (async () => { const r = new Response('x'); const c = r.clone(); return await r.text() + await c.text() + r.bodyUsed; })() === 'xxtrue'",
    "await (async () => { const r = new Response('x'); await r.text(); return r.text().catch((e) => e instanceof TypeError); })() === true",
  ],
  URL: [
    "new URL('../b?c=1#d', 'https://user:pw@vendor.test:8443/a/x').href === 'https://user:pw@vendor.test:8443/b?c=1#d'",
    "(() => { const u = new URL('https://vendor.test/?a=1'); u.searchParams.append('b', 'ü'); u.pathname = '/x y'; return u.href; })() === 'https://vendor.test/x%20y?a=1&b=%C3%BC'",
    "(() => { const u = new URL('https://vendor.test/?a=1'); const p = u.searchParams; u.search = '?a=2'; return p.get('a') + (p === u.searchParams); })() === '2true'",
    "URL.canParse('x:') && !URL.canParse('x') && URL.parse('x') === null",
    "JSON.stringify({ u: new URL('https://vendor.test') }) === '{\"u\":\"https://vendor.test/\"}'",
    "(() => { try { new URL('?'); } catch (e) { return e instanceof TypeError && e.constructor === TypeError; } })()",
  ],
  URLSearchParams: [
    "new URLSearchParams({ a: 1, b: 'x y' }).toString() === 'a=1&b=x+y'",
    "new URLSearchParams([['a', '1'], ['a', '2']]).getAll('a').join() === '1,2'",
    "[...new URLSearchParams('?b=2&a=1')].join(';') === 'b,2;a,1'",
    "(() => { const p = new URLSearchParams('b=2&a=1&a=3'); p.sort(); p.delete('a', '3'); return p.toString() + p.size; })() === 'a=1&b=22'",
  ],
  AbortController: [
    "(() => { const c = new AbortController(); c.abort(); return c.signal.aborted && c.signal.reason.name; })() === 'AbortError'",
    "(() => { let seen = ''; const c = new AbortController(); c.signal.onabort = (e) => { seen += e.type; }; c.signal.addEventListener('abort', () => { seen += 2; }, { once: true }); c.abort(); c.abort(); return seen; })() === 'abort2'",
    "(() => { const c = new AbortController(); const any = AbortSignal.any([c.signal]); c.abort('why'); return any.reason; })() === 'why'",
    "(() => { try { AbortSignal.abort(new RangeError('x')).throwIfAborted(); } catch (e) { return e.message; } })() === 'x'",
    "await new Promise((resolve) => { AbortSignal.timeout(1).addEventListener('abort', (e) => resolve(e.target.reason.name)); }) === 'TimeoutError'",
    "(() => { try { new AbortSignal(); } catch (e) { return e instanceof TypeError; } })()",
  ],
  EventTarget: [
    "(() => { class T extends EventTarget {} const t = new T(); let seen = 0; const f = (e) => { seen += e.detail; }; class E extends Event { detail = 2; } t.addEventListener('a', f); t.addEventListener('a', f); t.dispatchEvent(new E('a')); t.removeEventListener('a', f); t.dispatchEvent(new E('a')); return seen; })() === 2",
    "(() => { const t = new EventTarget(); let seen = ''; t.addEventListener('a', () => { throw 1; }); t.addEventListener('a', { handleEvent() { seen = 'heard'; } }); t.dispatchEvent(new Event('a')); return seen; })() === 'heard'",
    "(() => { const t = new EventTarget(); t.addEventListener('a', (e) => e.preventDefault()); return t.dispatchEvent(new Event('a', { cancelable: true })); })() === false",
  ],
  timers: [
    "await new Promise((resolve) => setTimeout((a, b) => resolve(a + b), 1, 'a', 'b')) === 'ab'",
    "await new Promise((resolve) => { let n = 0; const id = setInterval(() => { if (++n === 3) { clearInterval(id); resolve(n); } }, 1); }) === 3",
    "await new Promise((resolve) => { const id = setTimeout(() => resolve('fired'), 1); clearTimeout(id); clearTimeout(undefined); setTimeout(() => resolve('cleared'), 10); }) === 'cleared'",
    "await new Promise((resolve) => queueMicrotask(() => resolve(1))) === 1",
    "(() => { try { setTimeout('globalThis.x = 1'); } catch (e) { return e instanceof TypeError; } })()",
  ],
  "text and bytes": [
    "new TextEncoder().encode('äx').length === 3",
    "new TextDecoder().decode(new TextEncoder().encode('äx')) === 'äx'",
    "btoa('hi') === 'aGk=' && atob('aGk=') === 'hi'",
    "(() => { try { atob('*'); } catch (e) { return e.name; } })() === 'InvalidCharacterError'",
    "/^[0-9a-f-]{36}$/.test(crypto.randomUUID()) && crypto.randomUUID() !== crypto.randomUUID()",
    "structuredClone({ a: [new Date(0)], m: new Map([[1, 2]]) }).m.get(1) === 2",
    "(() => { try { structuredClone(() => {}); } catch (e) { return e.name; } })() === 'DataCloneError'",
  ],
  clocks: [
    "Math.abs(Date.now() - new Date().getTime()) < 1000 && new Date(0).toISOString() === '1970-01-01T00:00:00.000Z'",
    "Math.random() !== Math.random() && Math.max(1, 2) === 2",
    "Number.isInteger(performance.now())",
    "Temporal.Now.instant().epochMilliseconds > 0",
  ],
  "the language": [
    "[3, 1, 2].toSorted().join() === '1,2,3' && Object.groupBy([1, 2], (n) => n % 2 ? 'odd' : 'even').odd[0] === 1",
    "(() => { class A extends Array {} return new A(1, 2).map((x) => x) instanceof A; })()",
    "(() => { function F() {} F.prototype.toString = () => 'own'; F.prototype.constructor = F; return String(new F()); })() === 'own'",
    "(() => { const e = new Error('x'); e.name = 'Own'; e.message = 'y'; return String(e); })() === 'Own: y'",
    "(() => { const o = {}; o.hasOwnProperty = 1; o.toString = 2; o.constructor = 3; return o.constructor; })() === 3",
    "await Promise.any([Promise.reject(1), Promise.resolve(2)]) === 2",
    "(() => { globalThis.fetch = () => 'mine'; globalThis.own = 1; return fetch() + own; })() === 'mine1'",
    "'b,ä,a'.split(',').sort((x, y) => x.localeCompare(y, 'de')).join('') === 'aäb'",
  ],
};

for (const [name, expressions] of Object.entries(holds)) {
  test(`${name}: plugin code finds what it knows from elsewhere`, async (t) => {
    const lines = expressions.map(
      (expression) => `try { results.push(await (${expression})); } catch (e) { results.push(String(e)); }`,
    );
    const plugin = openPlugin(t, {
      check: `async () => { const results = []; ${lines.join("\n")} return results; }`,
    });
    const results = (await plugin.run("check")) as unknown[];
    for (const [index, result] of results.entries()) assert.equal(result, true, expressions[index] ?? "");
  });
}

test("fetch sends what the request says, and reads the reply", async (t) => {
  const plugin = openPlugin(t, {
    send: `async ({ fetch }) => {
      const request = new Request("https://vendor.test/a b", { method: "PATCH", headers: { "X-Key": "1" }, body: JSON.stringify({ a: "ä" }) });
      const response = await fetch(request, { headers: { "content-type": "application/json" } });
      return [response.status, response.ok, response.url, response.headers.get("X-Reply"), await response.json()];
    }`,
    form: "async () => (await fetch('https://vendor.test/', { method: 'POST', body: new TextEncoder().encode('ä') })).text()",
  });
  const seen: Payload[] = [];
  const fetch: Capability = async (request, context) => {
    seen.push(request);
    const reply = await answering('{"b":"ü"}', { status: 418, headers: [["x-reply", "yes"]] })(
      request,
      context,
    );
    return { ...(reply as object), url: "https://vendor.test/final" };
  };
  assert.deepEqual(await plugin.run("send", { capabilities: { fetch } }), [
    418,
    false,
    "https://vendor.test/final",
    "yes",
    { b: "ü" },
  ]);
  assert.deepEqual(seen[0], {
    method: "PATCH",
    url: "https://vendor.test/a%20b",
    headers: [["content-type", "application/json"]],
    body: '{"a":"ä"}',
    redirect: "follow",
  });
  await plugin.run("form", { capabilities: { fetch } });
  assert.equal((seen[1] as { body: string }).body, "ä");
});
