// The agent of the stand-in: it waits for tasks that never come.
const release = /* RELEASE */ {};
process.title = `leoflow-agent ${release.version}`;
setInterval(() => undefined, 60_000);
