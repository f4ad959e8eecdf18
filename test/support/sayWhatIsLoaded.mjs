// Given to Node with --import: has it say on standard error which modules it loads.
import { register } from 'node:module';

const hooks = `
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) {
    writeSync(2, 'loads ' + url + '\\n');
    return await next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
