import type { Db, Document } from 'mongodb';

/** What a server says of a query that it has carried out. */
export interface Plan {
  /** Of the indexes that were read, each once; `undefined` among them is a look at the whole collection. */
  indexes: (string | undefined)[];
  /** How many keys of indexes were read (or documents, without one). */
  examined: number;
  returned: number;
}

/** Carries a `find` out and answers how. Reads the plans of a mongod, and PostgreSQL's, in which DocumentDB answers. */
export const planOf = async (db: Db, find: Document): Promise<Plan> => {
  const told = await db.command({ explain: find, verbosity: 'executionStats' });
  const ofPostgres = told.queryPlanner.plan as Document[] | undefined;
  if (ofPostgres) {
    const scans = [...nodesOf(ofPostgres[0]!.Plan, 'Plans')].filter((node) => !node.Plans?.length);
    const details = [...nodesOf(ofPostgres[0]!.Plan, 'Plans')].flatMap((node) => (node.IndexDetails ?? []) as Document[]);
    return {
      indexes: [...new Set(scans.map((scan) => scan['Index Name'] as string | undefined))],
      examined: details.reduce((sum, { innerScanLoops }) => sum + Number(innerScanLoops), 0),
      returned: Number(ofPostgres[0]!.Plan['Actual Rows']),
    };
  }
  const { totalKeysExamined, totalDocsExamined, nReturned, executionStages } = told.executionStats;
  const scans = [...nodesOf(executionStages, 'inputStages', 'inputStage')].filter(({ stage }) => /SCAN$/.test(stage));
  return {
    indexes: [...new Set(scans.map(({ indexName }) => indexName as string | undefined))],
    examined: Math.max(totalKeysExamined, totalDocsExamined),
    returned: nReturned,
  };
};

function* nodesOf(node: Document, ...inner: string[]): Iterable<Document> {
  yield node;
  for (const name of inner) for (const below of [node[name] ?? []].flat()) yield* nodesOf(below, ...inner);
}
