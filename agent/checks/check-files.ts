// Findings about mcp.json and patrols.json: what of them is not in force, in the words of those who read them.
import type { Finding } from '../../shared/contract/check-messages.ts';
import type { ListedPatrol } from '../../shared/contract/patrol-messages.ts';
import { finding, type FindingId } from '../../shared/doctor/finding.ts';

/** What is said of each file; the rest is counted. */
const maxProblems = 10;

export function checkMcpJson({ problems }: { problems: readonly string[] }): Finding[] {
  return fileFindings('agent.mcp-json', 'mcp.json', problems);
}

export interface PatrolsFile {
  /** Of the file as a whole. */
  problems: readonly string[];
  list(): readonly Pick<ListedPatrol, 'name' | 'problems'>[];
}

export async function checkPatrolsJson(patrols: () => Promise<PatrolsFile>): Promise<Finding[]> {
  let file: PatrolsFile;
  try {
    file = await patrols();
  } catch (error) {
    const action = 'Look whether the volume can be written to; the log of the agent says more.';
    return [finding('agent.patrols-json', 'failed', (error as Error).message, { action })];
  }
  const ofPatrols = file.list().flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
  return fileFindings('agent.patrols-json', 'patrols.json', [...file.problems, ...ofPatrols]);
}

function fileFindings(id: FindingId, file: string, problems: readonly string[]): Finding[] {
  if (problems.length === 0) return [finding(id, 'ok', 'Nothing is wrong with it.')];
  const told = problems
    .slice(0, maxProblems)
    .map((problem) => finding(id, 'failed', problem, { fault: 'configuration', action: `Correct ${file}.` }));
  const rest = problems.length - told.length;
  return rest === 0 ? told : [...told, finding(id, 'note', `There are ${rest} more of these.`)];
}
