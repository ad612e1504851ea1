// The table of calls.

/** The text of routes.ts. */
export function routes(operations) {
  const rows = operations.map((one) => `  "${one.name}": route(${said(one).join(", ")}),\n`);
  return (
    'import { route } from "../route.js";\n\n' +
    "/** Every call of the API, by its name. */\n" +
    `export const ROUTES = {\n${rows.join("")}} as const;\n\n` +
    "/** The name of a call. */\n" +
    "export type RouteName = keyof typeof ROUTES;\n"
  );
}

function said(one) {
  const more = [];
  if (one.input !== null) more.push(`input: "${one.input}"`);
  if (one.paged) more.push("paged: true");
  if (one.open) more.push("open: true");
  const always = [one.method, one.path, one.repeat].map((word) => `"${word}"`);
  return more.length > 0 ? [...always, `{ ${more.join(", ")} }`] : always;
}
