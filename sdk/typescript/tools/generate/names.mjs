// How names of the API become names of TypeScript.

// Names that the developer platform's document gives to them.
const RENAMED = { SendRequest: "SmsSendOptions", BatchRequest: "SmsBatchOptions" };

/** `test_numbers` → `testNumbers`. */
export function camel(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}

/** `test_numbers` → `TestNumbers`. */
export function pascal(name) {
  return camel(name).replace(/^\w/, (letter) => letter.toUpperCase());
}

/** The TypeScript name of a schema. */
export function typeName(schema) {
  return RENAMED[schema] ?? schema;
}

/** The TypeScript name of the filters of a list: `sms.list` → `SmsListQuery`. */
export function queryName(operation) {
  return `${operation.name.split(".").map(pascal).join("")}Query`;
}
