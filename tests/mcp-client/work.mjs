// A session over MCP with a client that is not of the server's library: node work.mjs PROGRAM FOLDER. Prints one JSON document of what it met.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [program, cwd] = process.argv.slice(2);
const client = new Client({ name: "another-client", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: program, args: ["mcp"], cwd, stderr: "inherit" }));

// This client holds every answer against the schema that the tool promised.
const { tools } = await client.listTools();
const call = (name, args = {}) => client.callTool({ name, arguments: args });
const text = answer => answer.content[0].text;
const refused = await call("claim_task");
await call("register_session", { name: "npm-1", role: "Tester" });
const list = await call("list_tasks", { limit: 1 });
const claim = await call("claim_task");
const task = claim.structuredContent.task.id;
const wrong = await call("complete_task", { task, atempt: 1 });
const progress = await call("report_progress", { percent: 50, message: "half" });
const acquired = await call("acquire_resource", { resource: "database" });
const released = await call("release_resource", { resource: "database" });
const status = await call("get_status");
const done = await call("complete_task", { result: "It is done." });
const explained = await call("explain_task", { task });
const read = await call("read_task", { task });
const suggested = await call("suggest_tasks");
await client.close();

console.log(JSON.stringify({
  tools: tools.length, refused: text(refused), isError: refused.isError === true, list: list.structuredContent, task, wrong: text(wrong), progress: text(progress),
  acquired: acquired.structuredContent, released: released.structuredContent, status: status.structuredContent, done: text(done), explained: explained.structuredContent, state: read.structuredContent.state, suggested: suggested.structuredContent,
}));
