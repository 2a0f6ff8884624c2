// The little HTTP that both programs share: JSON answers, checked query parameters, routing.

export class RequestError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// A number in [min, max] from the query string; `fallback` where absent; 400 otherwise.
export function numberParameter(url, name, { fallback, min, max }) {
  const given = url.searchParams.get(name);
  if (given === null) return fallback;
  const value = Number(given);
  if (given !== '' && value >= min && value <= max) return value;
  throw new RequestError(400, `${name}: "${given}" is not a number from ${min} to ${max}`);
}

// One of `words` from the query string; `fallback` where absent; 400 otherwise.
export function wordParameter(url, name, words, fallback) {
  const given = url.searchParams.get(name) ?? fallback;
  if (words.includes(given)) return given;
  throw new RequestError(400, `${name}: "${given}" is not one of ${words.join(', ')}`);
}

export function sendText(response, status, contentType, body) {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

export function sendJson(response, status, value) {
  sendText(response, status, 'application/json', `${JSON.stringify(value)}\n`);
}

// The request's body as text, of at most `limit` bytes; 413 otherwise.
export async function readText(request, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) throw new RequestError(413, `the body has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

// Proxies open a connection for each waiting request. Node's own backlog of 511 would turn a short
// overload into connections that time out; the kernel caps this at net.core.somaxconn.
export const kBacklog = 4096;

// Listens and says where; an address that cannot be had ends the process with code 1.
export function listen(server, { host, port }, backlog = kBacklog) {
  server.once('error', (error) => {
    console.error(`error: cannot listen on ${host}:${port}: ${error.message}`);
    process.exit(1);
  });
  server.listen({ port, host, backlog }, () => {
    console.log(`listening on http://${host}:${server.address().port}`);
  });
}

// Finds the handler by "METHOD /path" and turns what it throws into an answer. A handler is
// called with {request, response, url} and may be async.
export async function dispatch(handlers, request, response) {
  try {
    const url = new URL(request.url, 'http://service');
    const handler = handlers[`${request.method} ${url.pathname}`];
    if (!handler) throw new RequestError(404, `no ${request.method} ${url.pathname} here`);
    await handler({ request, response, url });
  } catch (error) {
    sendError(response, error);
  }
}

function sendError(response, error) {
  if (!(error instanceof RequestError)) console.error(error);
  if (response.headersSent || response.destroyed) return;
  sendJson(response, error instanceof RequestError ? error.status : 500, { error: error.message });
}
