// The form of patrols.json: every key with its meaning, for parsing, for the editor's JSON Schema and for the documentation.
import * as z from 'zod';

const readable = { error: ({ input }: { input?: unknown }) => (input === undefined ? 'is missing' : 'must be a text') };
const requiredText = z.string(readable).min(1, 'is empty');

export const maxItems = 200;
export const defaultItems = 20;

export const scheduleSchema = z
  .strictObject({
    cron: requiredText.meta({
      description:
        'When it runs: minute, hour, day of month, month, weekday. Runs at most once a minute. "@daily", "@hourly" and the like are known, too.',
      examples: ['0 8 * * 1-5', '*/15 * * * *', '0 18 L * *'],
    }),
    timeZone: requiredText.default('UTC').meta({
      description: 'IANA name of the time zone of the schedule and of functions such as today().',
      examples: ['Europe/Berlin', 'America/New_York', 'UTC'],
    }),
    jitterSeconds: z.number().int().min(0).max(3600).default(0).meta({
      description:
        'Each run starts up to so many seconds late, so that not all agents call at the same time. The same occurrence is always late by the same.',
    }),
  })
  .meta({
    description: 'When the patrol runs.',
    defaultSnippets: [
      { label: 'weekdays at eight', body: { cron: '0 8 * * 1-5', timeZone: '${1:Europe/Berlin}' } },
      { label: 'every 15 minutes', body: { cron: '*/15 * * * *', timeZone: '${1:Europe/Berlin}' } },
    ],
  });

export const budgetSchema = z
  .strictObject({
    callsPerRun: z.number().int().positive().max(1000).default(50).meta({
      description: 'Calls of one run; the run fails at the first one beyond.',
    }),
    callsPerDay: z.number().int().positive().optional().meta({
      description: 'Calls of all runs of one UTC day.',
    }),
  })
  .meta({ description: 'How many calls it may make.' });

export const forEachSchema = z
  .strictObject({
    in: requiredText.meta({
      description: 'One ${…} that gives a list; the step is called once for each item of it.',
      examples: ['${steps.mail.result.results[0].data.value}'],
    }),
    as: z
      .string(readable)
      .regex(/^[A-Za-z_]\w{0,31}$/, 'must be a letter, then letters, digits and "_"')
      .default('item')
      .meta({ description: 'The name of the item in the expressions of arguments. Its place, from 0, is "index".' }),
    max: z.number().int().positive().max(maxItems).default(defaultItems).meta({
      description: 'At most so many items are taken; the run record says how many there were.',
    }),
  })
  .meta({ description: 'Calls the tool once for each item of a list.' });

const seconds = z.number().int().positive();

export const stepSchema = z
  .strictObject({
    id: z
      .string(readable)
      .regex(/^[A-Za-z_]\w{0,39}$/, 'must be a letter, then letters, digits and "_"')
      .optional()
      .meta({
        description:
          'The name under which later steps find the result: steps.<id>.result. Default: step1, step2 and so on.',
      }),
    server: requiredText.meta({ description: 'A server of mcp.json.' }),
    tool: requiredText.meta({ description: 'A tool of that server.', examples: ['fetch'] }),
    arguments: z
      .record(z.string(), z.unknown(), 'must be an object')
      .default({})
      .meta({
        description: 'The arguments of the tool. Texts may hold ${…} with a JMESPath expression.',
        defaultSnippets: [{ label: 'paths to fetch', body: { entityUrls: ['/me/messages?\\$top=${1:10}'] } }],
      }),
    when: z
      .string(readable)
      .optional()
      .meta({
        description:
          'One ${…}. The step is skipped when it gives false, null, or an empty text, list or object. It is asked once, before forEach.',
        examples: ['${length(steps.mail.result.results[0].data.value) > `0`}', '${!(steps.mail.ok)}'],
      }),
    forEach: forEachSchema.optional(),
    timeoutSeconds: seconds
      .max(300)
      .optional()
      .meta({ description: 'Of each call. Default: as for any call to the server.' }),
    continueOnError: z.boolean().default(false).meta({
      description:
        'True lets the run go on when the step fails. The run then counts as blind, since it did not see everything.',
    }),
  })
  .meta({
    description: 'One tool call, or one for each item of a list.',
    defaultSnippets: [
      {
        label: 'call a tool',
        body: { id: '${1:mail}', server: '${2:workiq}', tool: '${3:fetch}', arguments: { entityUrls: ['$4'] } },
      },
    ],
  });

export const patrolSchema = z
  .strictObject({
    description: z.string(readable).max(1000).optional().meta({ description: 'For people.' }),
    enabled: z
      .boolean()
      .default(true)
      .meta({ description: 'False keeps it from running by its schedule; it can still be run by hand.' }),
    schedule: scheduleSchema,
    timeoutSeconds: seconds
      .max(3600)
      .default(300)
      .meta({ description: 'Of a whole run. A run that takes longer fails.' }),
    overlap: z
      .enum(['skip', 'queue'])
      .default('skip')
      .meta({
        description: 'What happens when it is due while it still runs.',
        enumDescriptions: [
          'That occurrence is skipped.',
          'It waits for the run to end. One waits at most, further ones are skipped.',
        ],
      }),
    missed: z
      .enum(['skip', 'runOnce'])
      .default('skip')
      .meta({
        description: 'What happens to occurrences that came while the agent was not running.',
        enumDescriptions: ['They are skipped.', 'The latest of them is run once, the others are skipped.'],
      }),
    catchUp: z.boolean().default(false).meta({
      description: 'Run once after a sign-in when the last run could not see everything for want of one.',
    }),
    onAuthRequired: z
      .enum(['skip', 'fail'])
      .default('skip')
      .meta({
        description: 'What happens to steps whose server needs a sign-in.',
        enumDescriptions: [
          'They are skipped, the others are run, and the run is recorded as blind.',
          'The run fails at once.',
        ],
      }),
    guards: z
      .unknown()
      .optional()
      .meta({
        description:
          'What its calls may do, beside the guards of the server: a preset, or an object with preset, allow and deny. Default: "read-only".',
        anyOf: [
          {
            enum: ['read-only', 'no-send', 'full'],
            enumDescriptions: [
              'Nothing is changed.',
              'Nothing leaves to other people.',
              'Everything that the server allows.',
            ],
          },
          {
            type: 'object',
            properties: {
              preset: { enum: ['read-only', 'no-send', 'full'] },
              allow: {
                type: 'array',
                items: { type: 'string' },
                description: 'Rules such as "fetch /me/messages/**".',
              },
              deny: { type: 'array', items: { type: 'string' }, description: 'Rules such as "do_action **/sendMail".' },
            },
            additionalProperties: false,
          },
        ],
      }),
    budget: budgetSchema.prefault({}),
    steps: z.array(stepSchema).min(1, 'has no step').max(50).meta({
      description: 'Tool calls, one after another.',
    }),
    output: z
      .union([z.string(), z.array(z.string())], 'must be a text or a list of texts')
      .optional()
      .meta({
        description:
          'What the run says: a text, or a list of lines, with ${…}. Lines that would need what was not seen say so instead.',
      }),
  })
  .meta({ description: 'A scheduled row of tool calls.' });

/** Names stand in ids, file names, metrics and command lines. */
export const patrolNamePattern = /^[A-Za-z0-9][\w.-]{0,63}$/;

export const patrolsFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    patrols: z.record(z.string().regex(patrolNamePattern), patrolSchema).meta({
      description: 'Patrols by name: letters, digits, ".", "-" and "_".',
      defaultSnippets: [
        {
          label: 'new patrol',
          body: {
            '${1:morning}': {
              schedule: { cron: '0 8 * * 1-5', timeZone: '${2:Europe/Berlin}' },
              steps: [
                { id: 'mail', server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me/messages?\\$top=10'] } },
              ],
              output: '${3:}',
            },
          },
        },
      ],
    }),
  })
  .meta({ title: 'patrols.json of RockBot', description: 'Scheduled tool calls; see docs/patrols.md.' });

export type PatrolInput = z.output<typeof patrolSchema>;
