// Shows /openapi.json. Everything from the document enters the page as text, never as markup.

const METHODS = ["get", "post", "put", "patch", "delete"];

function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name === "class") element.className = value;
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

/** Backquoted words become code; nothing else is markup. */
function prose(text) {
  const parts = text.split("`");
  return parts.map((part, position) => (position % 2 === 1 ? make("code", {}, part) : part));
}

function follow(spec, schema) {
  const name = schema?.$ref?.split("/").at(-1);
  return name === undefined ? (schema ?? {}) : (spec.components.schemas[name] ?? {});
}

function typeName(spec, schema) {
  if (schema?.$ref !== undefined) return schema.$ref.split("/").at(-1);
  const choices = schema?.anyOf ?? schema?.oneOf;
  if (choices !== undefined) return [...new Set(choices.map((choice) => typeName(spec, choice)))].join(" | ");
  if (schema?.const !== undefined) return JSON.stringify(schema.const);
  if (schema?.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema?.type === "array") return `${typeName(spec, schema.items)}[]`;
  if (Array.isArray(schema?.type)) return schema.type.join(" | ");
  return schema?.type ?? "any";
}

function bounds(schema) {
  const length = [schema.minLength ?? (schema.maxLength && "up"), schema.maxLength]
    .filter((each) => each !== undefined)
    .join(" to ");
  const found = [
    schema.format,
    length && `${length} characters`,
    schema.minimum > -1e15 && `at least ${schema.minimum}`,
    schema.maximum < 9e15 && `at most ${schema.maximum}`,
    schema.maxItems !== undefined && `at most ${schema.maxItems} items`,
    schema.default !== undefined && `default ${JSON.stringify(schema.default)}`,
  ];
  return found.filter(Boolean).join(", ");
}

function remark(description, schema) {
  return [description?.replace(/\.$/, ""), bounds(schema)].filter(Boolean).join(". ");
}

/** One row per member, inner objects by dotted name, four levels deep. */
function rowsOf(spec, schema, prefix = "", depth = 0) {
  const object = follow(spec, schema);
  const rows = [];
  for (const [name, member] of Object.entries(object.properties ?? {})) {
    const target = follow(spec, member);
    const text = remark(member.description ?? target.description, target);
    rows.push({ name: prefix + name, isRequired: object.required?.includes(name), type: typeName(spec, member), text });
    const inner = target.type === "array" ? target.items : target;
    const mark = target.type === "array" ? "[]." : ".";
    if (depth < 3) rows.push(...rowsOf(spec, inner, `${prefix}${name}${mark}`, depth + 1));
  }
  return rows;
}

function table(rows) {
  return make(
    "table",
    {},
    ...rows.map((row) =>
      make(
        "tr",
        {},
        make(
          "td",
          {},
          make("code", {}, row.name),
          row.isRequired ? make("span", { class: "required" }, "required") : "",
        ),
        make("td", {}, make("code", {}, row.type)),
        make("td", {}, ...prose(row.text)),
      ),
    ),
  );
}

function sample(spec, schema, depth = 0) {
  const target = follow(spec, schema);
  const choices = target.anyOf ?? target.oneOf;
  const given = [target.example, target.examples?.[0], target.default, target.const, target.enum?.[0]].find(
    (each) => each !== undefined,
  );
  if (given !== undefined) return given;
  if (choices !== undefined) return sample(spec, choices[0], depth + 1);
  if (target.type === "object") return sampleObject(spec, target, depth);
  if (target.type === "array") return depth > 4 ? [] : [sample(spec, target.items, depth + 1)];
  return sampleValue(target);
}

function sampleValue(schema) {
  const byType = { integer: Math.max(1, schema.minimum ?? 1), number: Math.max(1, schema.minimum ?? 1), boolean: true };
  const byFormat = { "date-time": "2026-01-31T12:00:00Z", uri: "https://example.com/" };
  return byType[schema.type] ?? byFormat[schema.format] ?? (schema.type === "string" ? "string" : null);
}

function sampleObject(spec, schema, depth) {
  if (depth > 4) return {};
  const members = Object.entries(schema.properties ?? {});
  const shown =
    depth === 0 && schema.required !== undefined ? members.filter(([name]) => schema.required.includes(name)) : members;
  return Object.fromEntries(shown.map(([name, member]) => [name, sample(spec, member, depth + 1)]));
}

function shellQuote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function curl(spec, operation) {
  const verb = operation.method === "get" ? "" : `-X ${operation.method.toUpperCase()} `;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_whole, name) => `$${name.toUpperCase()}`);
  const lines = [`curl ${verb}${location.origin}${path}`];
  const scheme = operation.security?.flatMap((each) => Object.keys(each))[0];
  const details = spec.components.securitySchemes?.[scheme];
  if (details?.type === "apiKey") lines.push(`-H ${shellQuote(`${details.name}: ${scheme}`)}`);
  else if (scheme !== undefined)
    lines.push(`-H "Authorization: Bearer $${scheme.replaceAll(/([A-Z])/g, "_$1").toUpperCase()}"`);
  if (operation.parameters?.some((each) => each.name === "Idempotency-Key"))
    lines.push('-H "Idempotency-Key: $(uuidgen)"');
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  if (body !== undefined) {
    lines.push("-H 'Content-Type: application/json'");
    lines.push(`-d ${shellQuote(JSON.stringify(sample(spec, body)))}`);
  }
  return lines.join(" \\\n  ");
}

function example(text) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
  });
  return make("div", { class: "example" }, button, make("pre", {}, text));
}

function section(title, ...content) {
  return content.length === 0 ? [] : [make("h4", {}, title), ...content];
}

function answers(spec, operation) {
  const entries = Object.entries(operation.responses);
  return entries
    .filter(([status]) => status.startsWith("2") || status.startsWith("3"))
    .flatMap(([status, reply]) => {
      const [mediaType, content] = Object.entries(reply.content ?? {})[0] ?? [];
      const rows = rowsOf(spec, content?.schema);
      const heading = make(
        "p",
        {},
        make("code", {}, status),
        ` ${reply.description} `,
        make("span", { class: "note" }, mediaType ?? ""),
      );
      if (rows.length === 0) return [heading];
      const shown = make("details", {}, make("summary", {}, `${rows.length} members`), table(rows));
      shown.append(make("h4", {}, "Example"), make("pre", {}, JSON.stringify(sample(spec, content.schema), null, 2)));
      return [heading, shown];
    });
}

function problems(operation) {
  const refusals = Object.entries(operation.responses).filter(([status]) => status >= "4");
  const rowOf = ([status, reply]) =>
    make("tr", {}, make("td", {}, make("code", {}, status)), make("td", {}, ...prose(reply.description)));
  return make("table", {}, ...refusals.map(rowOf));
}

function access(operation) {
  const names = (operation.security ?? []).flatMap((each) =>
    Object.keys(each).length === 0 ? ["public"] : Object.keys(each),
  );
  return names.length === 0 ? "public" : names.join(" or ");
}

function article(spec, operation) {
  const parameters = (operation.parameters ?? []).map((each) => ({
    name: each.name,
    isRequired: each.required,
    type: `${each.in} · ${typeName(spec, each.schema)}`,
    text: remark(each.description ?? each.schema.description, each.schema),
  }));
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  const element = make(
    "article",
    { id: operation.operationId },
    make("h3", {}, make("a", { href: `#${operation.operationId}` }, operation.summary)),
    make(
      "div",
      { class: "address" },
      make("span", { class: `method ${operation.method}` }, operation.method),
      make("span", {}, operation.path),
      make("span", { class: "badge" }, access(operation)),
      operation.aliases.length > 0 ? make("span", { class: "also" }, `also ${operation.aliases.join(", ")}`) : "",
    ),
    operation.description === undefined ? "" : make("p", {}, ...prose(operation.description)),
    ...section("Parameters", ...(parameters.length > 0 ? [table(parameters)] : [])),
    ...section("Body", ...(body === undefined ? [] : [table(rowsOf(spec, body))])),
    ...section("Example", example(curl(spec, operation))),
    ...section("Answers", ...answers(spec, operation)),
    ...section("Failures", make("details", {}, make("summary", {}, "Status and codes"), problems(operation))),
  );
  element.dataset.words = JSON.stringify([
    operation.path,
    operation.aliases,
    operation.summary,
    operation.operationId,
    operation.responses,
  ]).toLowerCase();
  return element;
}

/** Spellings of one endpoint share their first operation id, with a number after it; they are shown once. */
function operationsOf(spec) {
  const found = [];
  for (const [path, methods] of Object.entries(spec.paths)) {
    for (const method of METHODS.filter((each) => methods[each] !== undefined)) {
      found.push({ ...methods[method], method, path, aliases: [] });
    }
  }
  const first = new Map(
    found.filter((each) => !/_\d+$/.test(each.operationId)).map((each) => [each.operationId, each]),
  );
  for (const each of found) {
    const main = first.get(each.operationId.replace(/_\d+$/, ""));
    if (main !== undefined && main !== each) main.aliases.push(each.path);
  }
  return [...first.values()];
}

function render(spec) {
  document.title = `${spec.info.title} ${spec.info.version}`;
  document.getElementById("title").textContent = spec.info.title;
  document.getElementById("version").textContent = spec.info.version;
  const content = document.getElementById("content");
  const index = document.getElementById("index");
  content.replaceChildren(make("p", {}, ...prose(spec.info.description)));
  const operations = operationsOf(spec);
  const tags = [...new Set(operations.map((each) => each.tags?.[0] ?? "other"))];
  for (const tag of [...tags.filter((each) => each !== "platform"), ...tags.filter((each) => each === "platform")]) {
    const own = operations.filter((each) => (each.tags?.[0] ?? "other") === tag);
    index.append(make("h2", {}, tag));
    content.append(make("h2", { id: `tag-${tag}` }, tag), ...own.map((each) => article(spec, each)));
    index.append(
      ...own.map((each) =>
        make(
          "a",
          { href: `#${each.operationId}`, title: each.path },
          make("span", { class: `method ${each.method}` }, each.method === "delete" ? "del" : each.method),
          each.summary,
        ),
      ),
    );
  }
  if (location.hash !== "") document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function filter(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const element of document.querySelectorAll("article")) {
    element.hidden = !words.every((word) => element.dataset.words.includes(word));
  }
  for (const link of document.querySelectorAll("nav a")) {
    link.hidden = document.getElementById(link.hash.slice(1))?.hidden === true;
  }
}

document.getElementById("filter").addEventListener("input", (event) => filter(event.target.value));
fetch("/openapi.json")
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`status ${response.status}`))))
  .then(render)
  .catch((failure) => {
    document
      .getElementById("content")
      .replaceChildren(make("p", { class: "note" }, `The document could not be shown: ${failure.message}`));
  });
