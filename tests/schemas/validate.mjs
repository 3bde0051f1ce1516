// Validates JSON files against the schemas: node validate.mjs SCHEMA-FOLDER, with lines "SCHEMA<TAB>FILE" on standard input.
// One line of output for each: "ok", or the first error with its place.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";

const folder = process.argv[2];
const ajv = new Ajv2020.default({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false });
for (const name of readdirSync(folder).filter(name => name.endsWith(".schema.json"))) ajv.addSchema(JSON.parse(readFileSync(join(folder, name), "utf8")));
for (const line of readFileSync(0, "utf8").split("\n").filter(line => line)) {
  const [schema, file] = line.split("\t");
  const validate = ajv.getSchema(`${schema}.schema.json`);
  const error = validate(JSON.parse(readFileSync(file, "utf8"))) ? null : validate.errors[0];
  console.log(error ? `${error.instancePath} ${error.message}` : "ok");
}
