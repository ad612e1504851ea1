// A server on the loopback interface that answers, one request after the other, as told.

import { createServer } from "node:http";
import { once } from "node:events";

/** Starts one; `answers` are {status?, headers?, body?, hang?, reset?}; the last is repeated. */
export async function faulty(t, ...answers) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: Buffer.concat(chunks).toString(), at: Date.now() });
    if (answer.reset) return request.socket.destroy();
    if (answer.hang === "before") return;
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {});
    response.writeHead(answer.status ?? 200, { "Content-Type": "application/json", ...answer.headers });
    if (answer.hang === "within") return void response.write(text.slice(0, 1));
    response.end(answer.status === 204 ? undefined : text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, requests };
}

/** A problem document as an answer. */
export function problem(status, code, { headers, ...facts } = {}) {
  return {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
    body: {
      type: `/v1/errors/${code}`,
      title: "A title",
      status,
      detail: "What is wrong.",
      code,
      param: null,
      suggested_action: "How to put it right.",
      retryable: status === 429 || status >= 500,
      request_id: "req_0c7xk3m9p2q4r",
      ...facts,
    },
  };
}
