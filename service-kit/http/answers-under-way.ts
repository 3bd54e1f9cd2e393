import type { Server, ServerResponse } from "node:http";

/**
 * The answers of a server that are not through, those that wait behind another on their connection among them.
 *
 * Not a Set: where thousands come and go in a second, V8 makes its table anew again and again, in old memory once the set is
 * old, and what was in an outgrown table stays until the next full collection, with the whole request.
 */
export function answersUnderWay(server: Server): Iterable<ServerResponse> {
  const places: Place[] = [];
  server.on("request", (_request, response) => {
    const own: Place = { response, index: places.length };
    places.push(own);
    response.once("close", () => leave(places, own));
  });
  // Of a copy: those who look end some of them meanwhile.
  return { [Symbol.iterator]: () => places.map(({ response }) => response).values() };
}

interface Place {
  response: ServerResponse;
  index: number;
}

/** The last one takes its place. */
function leave(places: Place[], own: Place): void {
  const last = places.pop();
  if (!last || last === own) return;
  places[own.index] = last;
  last.index = own.index;
}
