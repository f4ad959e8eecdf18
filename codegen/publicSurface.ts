import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CompilerState,
  ConsoleMessageId,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from '@microsoft/api-extractor';

// Writes what each entry of each published package exports, with its types, into docs/surface: `npm run surface`.
// With `--check` it fails instead when a file there is not what would be written.
const root = fileURLToPath(new URL('..', import.meta.url));
const reports = `${root}docs/surface`;
const isChecking = process.argv.includes('--check');
const packages = ['.', 'packages/guards', 'packages/client'];

interface Entry {
  readonly folder: string;
  readonly declarations: string;
  readonly report: string;
}

const entries = (await Promise.all(packages.map(findEntries))).flat();
await mkdir(reports, { recursive: true });
const unknown = (await readdir(reports)).filter(
  (file) => !entries.some(({ report }) => file === `${report}.api.md`),
);
if (!isChecking) await Promise.all(unknown.map((file) => rm(`${reports}/${file}`)));

const [first, ...others] = entries.map(configure);
if (!first) throw new Error('No package exports anything.');
const compilerState = CompilerState.create(first, {
  additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
});
const changed = [first, ...others].filter(
  (config) =>
    Extractor.invoke(config, {
      compilerState,
      localBuild: !isChecking,
      printApiReportDiff: isChecking,
      messageCallback,
    }).apiReportChanged,
);
const wrong = [...changed.map(({ reportFilePath }) => basename(reportFilePath)), ...unknown];
if (isChecking && wrong.length > 0) {
  throw new Error(`What is public has changed, and docs/surface does not say so: ${wrong.join(', ')}.
Run \`npm run surface\`, read what it changed, and say in CHANGELOG.md what users have to change.`);
}

async function findEntries(directory: string): Promise<Entry[]> {
  const folder = `${root}${directory}`;
  const { name, exports } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  return Object.entries<{ readonly types: string }>(exports).map(([path, { types }]) => ({
    folder,
    declarations: `${folder}/${types}`,
    report: `${name}${path.slice(1)}`.replaceAll('@', '').replaceAll('/', '.'),
  }));
}

// What it finds besides is its own advice on documentation.
function messageCallback(message: ExtractorMessage): void {
  message.handled = message.messageId !== ConsoleMessageId.ApiReportDiff;
}

function configure({ folder, declarations, report }: Entry): ExtractorConfig {
  const none = { default: { logLevel: ExtractorLogLevel.None } };
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: `${folder}/package.json`,
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'nodenext',
            target: 'es2023',
            lib: ['es2024', 'dom', 'esnext.iterator'],
            types: ['node'],
            typeRoots: [`${root}node_modules/@types`],
            strict: true,
            skipLibCheck: true,
          },
          include: [declarations],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: report,
        reportFolder: reports,
        reportTempFolder: `${root}node_modules/.cache/surface`,
        includeForgottenExports: true,
      },
      messages: {
        compilerMessageReporting: none,
        extractorMessageReporting: none,
        tsdocMessageReporting: none,
      },
    },
  });
}
