// Entries of mcp.json as the pages of MCP servers show them, with invented values and no credential in them: nothing here may be
// called one. Shapes only; what stands where a credential belongs is a variable, a placeholder or nothing.

/** By name of the server, one entry each. */
export const cleanEntries: readonly (readonly [server: string, entry: object])[] = [
  // Packages that are run by npx, uvx, pipx, bunx, deno.
  ['filesystem', npx('@modelcontextprotocol/server-filesystem', '/Users/ada/Desktop', '/srv/projects/report-2026')],
  ['filesystem-windows', npx('@modelcontextprotocol/server-filesystem', 'C:\\Users\\ada\\Documents\\Q3')],
  ['memory', { ...npx('@modelcontextprotocol/server-memory'), env: { MEMORY_FILE_PATH: '/data/memory/graph.jsonl' } }],
  ['thinking', npx('@modelcontextprotocol/server-sequential-thinking@2025.12.18')],
  ['everything', npx('@modelcontextprotocol/server-everything', 'stdio')],
  ['fetch', uvx('mcp-server-fetch', '--user-agent=Reader/2.1', '--ignore-robots-txt')],
  ['git', uvx('mcp-server-git', '--repository', '/home/ada/src/ledger')],
  ['time', uvx('mcp-server-time', '--local-timezone=Europe/Vienna')],
  ['sqlite', uvx('mcp-server-sqlite', '--db-path', '~/data/orders.db')],
  [
    'puppeteer',
    {
      ...npx('@modelcontextprotocol/server-puppeteer'),
      env: { PUPPETEER_LAUNCH_OPTIONS: '{ "headless": true, "args": ["--no-sandbox"] }' },
    },
  ],
  [
    'playwright',
    npx('@playwright/mcp@latest', '--browser=chrome', '--viewport-size=1280,720', '--storage-state=./state.json'),
  ],
  [
    'playwright-origins',
    npx(
      '@playwright/mcp@0.0.55',
      '--allowed-origins',
      'https://a.example;https://b.example',
      '--secrets',
      './secrets.env',
    ),
  ],
  ['chrome', npx('chrome-devtools-mcp@latest', '--browserUrl=http://127.0.0.1:9222', '--channel', 'canary')],
  ['context7-local', npx('@upstash/context7-mcp')],
  ['deno', { command: 'deno', args: ['run', '-A', '--node-modules-dir=auto', 'jsr:@ada/notes-mcp@0.4.1', 'stdio'] }],
  ['bun', { command: 'bunx', args: ['--bun', 'figma-like-mcp', '--port', '3845'] }],
  [
    'pipx',
    {
      command: 'pipx',
      args: ['run', '--no-cache', 'analytics-mcp'],
      env: { GOOGLE_APPLICATION_CREDENTIALS: '/home/ada/.config/gcloud/key.json', GOOGLE_PROJECT_ID: 'sales-eu-4711' },
    },
  ],
  [
    'python',
    {
      command: 'python',
      args: ['-m', 'mcp_server_weather', '--log-level', 'DEBUG'],
      env: { PYTHONPATH: '/opt/mcp/src', PYTHONUNBUFFERED: '1' },
    },
  ],
  ['uv', { command: 'uv', args: ['--directory', '/opt/mcp/weather', 'run', 'weather.py'] }],
  [
    'uv-git',
    uvx('--from', 'git+https://github.com/oraios/serena', 'serena', 'start-mcp-server', '--context', 'ide-assistant'),
  ],
  ['uv-commit', uvx('--from', 'git+https://github.com/ada/tool@0f3c9a1b7de24586a1c0b2d3e4f5061728394a5b', 'tool')],
  ['java', { command: 'java', args: ['-Dspring.ai.mcp.server.stdio=true', '-jar', '/opt/server-1.0.0-SNAPSHOT.jar'] }],
  ['dotnet', { command: 'dotnet', args: ['run', '--project', '/src/Mcp.Server/Mcp.Server.csproj', '--no-build'] }],
  ['go', { command: '/usr/local/bin/github-mcp-server', args: ['stdio', '--toolsets', 'repos,issues', '--read-only'] }],
  ['wsl', { command: 'wsl.exe', args: ['bash', '-c', 'source ~/.nvm/nvm.sh && npx -y @ada/mcp --stdio'] }],
  ['cmd', { command: 'cmd', args: ['/c', 'npx', '-y', '@ada/mcp-basic'] }],
  // Placeholders where a token belongs.
  [
    'github-npx',
    { ...npx('@modelcontextprotocol/server-github'), env: { GITHUB_PERSONAL_ACCESS_TOKEN: '<YOUR_TOKEN>' } },
  ],
  [
    'github-docker',
    docker(['-e', 'GITHUB_PERSONAL_ACCESS_TOKEN'], 'ghcr.io/github/github-mcp-server', {
      GITHUB_PERSONAL_ACCESS_TOKEN: '${GITHUB_TOKEN}',
    }),
  ],
  [
    'github-words',
    docker(['-e', 'GITHUB_PERSONAL_ACCESS_TOKEN'], 'ghcr.io/github/github-mcp-server', {
      GITHUB_PERSONAL_ACCESS_TOKEN: 'your-github-token-here',
    }),
  ],
  [
    'github-crossed',
    {
      ...npx('@modelcontextprotocol/server-github'),
      env: { GITHUB_PERSONAL_ACCESS_TOKEN: 'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' },
    },
  ],
  ['github-dots', { ...npx('@modelcontextprotocol/server-github'), env: { GITHUB_TOKEN: 'ghp_...' } }],
  [
    'gitlab',
    {
      ...npx('@modelcontextprotocol/server-gitlab'),
      env: { GITLAB_PERSONAL_ACCESS_TOKEN: '<token>', GITLAB_API_URL: 'https://gitlab.example/api/v4' },
    },
  ],
  [
    'gitlab-crossed',
    {
      ...npx('@zereight/mcp-gitlab'),
      env: {
        GITLAB_PERSONAL_ACCESS_TOKEN: 'glpat-XXXXXXXXXXXXXXXXXXXX',
        USE_GITLAB_WIKI: 'true',
        GITLAB_READ_ONLY_MODE: 'true',
      },
    },
  ],
  [
    'slack',
    {
      ...npx('@modelcontextprotocol/server-slack'),
      env: {
        SLACK_BOT_TOKEN: 'xoxb-your-bot-token',
        SLACK_TEAM_ID: 'T01234567',
        SLACK_CHANNEL_IDS: 'C01234567, C76543210',
      },
    },
  ],
  [
    'slack-crossed',
    {
      ...npx('slack-mcp-server@latest', '--transport', 'stdio'),
      env: { SLACK_MCP_XOXC_TOKEN: 'xoxc-...', SLACK_MCP_XOXD_TOKEN: 'xoxd-...' },
    },
  ],
  ['brave', { ...npx('@modelcontextprotocol/server-brave-search'), env: { BRAVE_API_KEY: 'YOUR_API_KEY_HERE' } }],
  ['brave-docker', docker(['-e', 'BRAVE_API_KEY'], 'mcp/brave-search', { BRAVE_API_KEY: 'YOUR_API_KEY_HERE' })],
  [
    'google-maps',
    { ...npx('@modelcontextprotocol/server-google-maps'), env: { GOOGLE_MAPS_API_KEY: '<YOUR_API_KEY>' } },
  ],
  ['everart', { ...npx('@modelcontextprotocol/server-everart'), env: { EVERART_API_KEY: 'your_key_here' } }],
  ['sentry', uvx('mcp-server-sentry', '--auth-token', 'YOUR_SENTRY_TOKEN')],
  ['sentry-host', npx('@sentry/mcp-server@latest', '--access-token=<user-auth-token>', '--host=sentry.example')],
  ['sentry-variable', npx('@sentry/mcp-server@latest', '--access-token=${SENTRY_TOKEN}')],
  [
    'notion',
    {
      ...npx('@notionhq/notion-mcp-server'),
      env: { OPENAPI_MCP_HEADERS: '{"Authorization": "Bearer ntn_****", "Notion-Version": "2022-06-28" }' },
    },
  ],
  ['notion-token', { ...npx('@notionhq/notion-mcp-server'), env: { NOTION_TOKEN: 'ntn_****' } }],
  ['linear-key', { ...npx('linear-mcp-server'), env: { LINEAR_API_KEY: 'your_linear_api_key_here' } }],
  ['linear-access', { ...npx('mcp-linear'), env: { LINEAR_API_TOKEN: '<YOUR_TOKEN>' } }],
  ['stripe', npx('@stripe/mcp', '--tools=all', '--api-key=YOUR_STRIPE_SECRET_KEY')],
  [
    'stripe-env',
    { ...npx('@stripe/mcp', '--tools=customers.read,products.create'), env: { STRIPE_SECRET_KEY: 'sk_test_...' } },
  ],
  [
    'supabase',
    npx(
      '@supabase/mcp-server-supabase@latest',
      '--read-only',
      '--project-ref=<project-ref>',
      '--access-token',
      '<personal-access-token>',
    ),
  ],
  [
    'supabase-env',
    {
      ...npx('@supabase/mcp-server-supabase@latest', '--project-ref=abcdefghijklmnopqrst'),
      env: { SUPABASE_ACCESS_TOKEN: '<personal-access-token>' },
    },
  ],
  [
    'openai',
    { ...npx('mcp-image'), env: { OPENAI_API_KEY: 'sk-...', OPENAI_MODEL: 'gpt-image-1', MAX_TOKENS: '4096' } },
  ],
  ['openai-words', { ...npx('mcp-image'), env: { OPENAI_API_KEY: 'sk-your-openai-api-key-here' } }],
  ['openai-empty', { ...npx('mcp-image'), env: { OPENAI_API_KEY: '' } }],
  [
    'anthropic',
    {
      ...npx('task-master-ai'),
      env: {
        ANTHROPIC_API_KEY: 'YOUR_ANTHROPIC_API_KEY_HERE',
        PERPLEXITY_API_KEY: 'YOUR_PERPLEXITY_API_KEY_HERE',
        AZURE_OPENAI_API_KEY: 'YOUR_AZURE_KEY_HERE',
      },
    },
  ],
  ['anthropic-crossed', { ...npx('agent-mcp'), env: { ANTHROPIC_API_KEY: 'sk-ant-xxxxxxxx' } }],
  [
    'firecrawl',
    { ...npx('firecrawl-mcp'), env: { FIRECRAWL_API_KEY: 'fc-YOUR_API_KEY', FIRECRAWL_RETRY_MAX_ATTEMPTS: '5' } },
  ],
  ['tavily', { ...npx('tavily-mcp@latest'), env: { TAVILY_API_KEY: 'tvly-YOUR_API_KEY' } }],
  ['exa', { ...npx('exa-mcp-server'), env: { EXA_API_KEY: 'your-exa-api-key' } }],
  ['perplexity', { ...npx('server-perplexity-ask'), env: { PERPLEXITY_API_KEY: 'pplx-your-key' } }],
  ['figma', npx('figma-developer-mcp', '--figma-api-key=YOUR-KEY', '--stdio')],
  ['airtable', { ...npx('airtable-mcp-server'), env: { AIRTABLE_API_KEY: 'pat123.abc123' } }],
  [
    'apify',
    { ...npx('@apify/actors-mcp-server', '--actors', 'apify/web-scraper'), env: { APIFY_TOKEN: 'your-apify-token' } },
  ],
  [
    'browserbase',
    { ...npx('@browserbasehq/mcp'), env: { BROWSERBASE_API_KEY: '', BROWSERBASE_PROJECT_ID: '', GEMINI_API_KEY: '' } },
  ],
  ['elevenlabs', { ...uvx('elevenlabs-mcp'), env: { ELEVENLABS_API_KEY: '<insert-your-api-key-here>' } }],
  ['hubspot', { ...npx('@hubspot/mcp-server'), env: { PRIVATE_APP_ACCESS_TOKEN: '<your-private-app-access-token>' } }],
  [
    'jira',
    {
      ...uvx('mcp-atlassian'),
      env: {
        JIRA_URL: 'https://your-company.atlassian.net',
        JIRA_USERNAME: 'your.email@company.com',
        JIRA_API_TOKEN: 'your_api_token',
      },
    },
  ],
  [
    'confluence',
    docker(['-e', 'CONFLUENCE_URL', '-e', 'CONFLUENCE_API_TOKEN'], 'ghcr.io/sooperset/mcp-atlassian:latest', {
      CONFLUENCE_URL: 'https://wiki.example/wiki',
      CONFLUENCE_API_TOKEN: 'your_confluence_api_token',
    }),
  ],
  [
    'grafana',
    {
      command: 'mcp-grafana',
      args: [],
      env: { GRAFANA_URL: 'http://localhost:3000', GRAFANA_SERVICE_ACCOUNT_TOKEN: '<your service account token>' },
    },
  ],
  [
    'datadog',
    {
      ...npx('@winor30/mcp-server-datadog'),
      env: { DATADOG_API_KEY: '<YOUR_API_KEY>', DATADOG_APP_KEY: '<YOUR_APP_KEY>', DATADOG_SITE: 'datadoghq.eu' },
    },
  ],
  [
    'newrelic',
    {
      command: 'newrelic-mcp',
      env: { NEW_RELIC_API_KEY: 'NRAK-XXXXXXXXXXXXXXXXXXXXXXXXXXX', NEW_RELIC_ACCOUNT_ID: '1234567' },
    },
  ],
  [
    'pagerduty',
    {
      ...uvx('pagerduty-mcp', '--enable-write-tools'),
      env: { PAGERDUTY_USER_API_KEY: '${PAGERDUTY_KEY}', PAGERDUTY_API_HOST: 'https://api.eu.pagerduty.com' },
    },
  ],
  ['cloudflare', npx('@cloudflare/mcp-server-cloudflare', 'run', '9a7806061c88ada191ed06f989cc3dac')],
  ['heroku', { command: 'heroku', args: ['mcp:start'], env: { HEROKU_API_KEY: '<YOUR_HEROKU_AUTH_TOKEN>' } }],
  [
    'discord',
    docker(['-e', 'DISCORD_TOKEN'], 'saseq/discord-mcp:latest', {
      DISCORD_TOKEN: 'YOUR_DISCORD_BOT_TOKEN',
      DISCORD_GUILD_ID: '123456789012345678',
    }),
  ],
  [
    'telegram',
    {
      command: 'uv',
      args: ['run', 'main.py'],
      env: { TELEGRAM_API_ID: '12345678', TELEGRAM_API_HASH: 'your_api_hash_here', TELEGRAM_SESSION_NAME: 'anon' },
    },
  ],
  [
    'obsidian',
    {
      ...uvx('mcp-obsidian'),
      env: { OBSIDIAN_API_KEY: '<your_api_key_here>', OBSIDIAN_HOST: '127.0.0.1', OBSIDIAN_PORT: '27124' },
    },
  ],
  ['todoist', { ...npx('@abhiz123/todoist-mcp-server'), env: { TODOIST_API_TOKEN: 'your_api_token_here' } }],
  ['changeme', { command: 'wiki-mcp', env: { WIKI_PASSWORD: 'changeme', WIKI_USER: 'reader' } }],
  ['shell-variable', { command: 'wiki-mcp', env: { WIKI_TOKEN: '$WIKI_TOKEN', OTHER_TOKEN: '%OTHER_TOKEN%' } }],
  [
    'templates',
    {
      command: 'wiki-mcp',
      env: { WIKI_TOKEN: '{{wiki.token}}', KEY_SECRET: '[your secret]', API_SECRET: '__API_SECRET__' },
    },
  ],
  ['stars', { command: 'wiki-mcp', env: { WIKI_TOKEN: '********', API_KEY: 'xxx', SECRET_KEY: 'XXXX-XXXX-XXXX' } }],
  [
    'here',
    { command: 'planner-mcp', env: { GROQ_API_KEY: 'GROQ_API_KEY_HERE', XAI_API_KEY: 'somebody_adds_their_key_here' } },
  ],
  ['own-name', { command: 'planner-mcp', env: { PLANNER_TOKEN: 'PLANNER_TOKEN' } }],
  ['default', { url: 'https://mcp.example/mcp', headers: { Authorization: '${PLANNER_API_KEY:-}' } }],
  // Databases.
  ['postgres', npx('@modelcontextprotocol/server-postgres', 'postgresql://localhost/mydb')],
  [
    'postgres-user',
    npx('@modelcontextprotocol/server-postgres', 'postgresql://reader@db.internal:5432/orders?sslmode=require'),
  ],
  ['postgres-words', npx('@modelcontextprotocol/server-postgres', 'postgresql://user:password@localhost:5432/mydb')],
  [
    'postgres-variables',
    npx('@modelcontextprotocol/server-postgres', 'postgresql://${PGUSER}:${PGPASSWORD}@${PGHOST}/orders'),
  ],
  [
    'postgres-mcp',
    docker(['-e', 'DATABASE_URI'], 'crystaldba/postgres-mcp', {
      DATABASE_URI: 'postgresql://username:password@localhost:5432/dbname',
    }),
  ],
  [
    'mysql',
    {
      command: 'uv',
      args: ['run', 'mysql_mcp_server'],
      env: {
        MYSQL_HOST: 'localhost',
        MYSQL_PORT: '3306',
        MYSQL_USER: 'your_username',
        MYSQL_PASSWORD: 'your_password',
        MYSQL_DATABASE: 'your_database',
      },
    },
  ],
  [
    'mongodb',
    {
      ...npx('mongodb-mcp-server@latest', '--readOnly'),
      env: { MDB_MCP_CONNECTION_STRING: 'mongodb://localhost:27017/myDatabase' },
    },
  ],
  [
    'mongodb-words',
    {
      ...npx('mongodb-mcp-server'),
      env: { MDB_MCP_CONNECTION_STRING: 'mongodb+srv://<user>:<password>@cluster.example/test' },
    },
  ],
  ['redis', uvx('--from', 'redis-mcp-server@latest', 'redis-mcp-server', '--url', 'redis://localhost:6379/0')],
  [
    'mssql',
    {
      command: 'mssql-mcp',
      env: { CONNECTION_STRING: 'Server=.;Database=test;Trusted_Connection=True;TrustServerCertificate=True' },
    },
  ],
  [
    'mssql-identity',
    {
      command: 'mssql-mcp',
      env: {
        SQL_CONNECTION_STRING:
          'Server=tcp:x.database.windows.net,1433;Database=orders;Authentication=Active Directory Default;Encrypt=True',
      },
    },
  ],
  [
    'neo4j',
    uvx(
      'mcp-neo4j-cypher@0.2.3',
      '--db-url',
      'bolt://localhost',
      '--username',
      'neo4j',
      '--password',
      '<your-password>',
    ),
  ],
  [
    'neo4j-env',
    {
      ...uvx('mcp-neo4j-memory@0.1.3'),
      env: { NEO4J_URL: 'neo4j+s://demo.example:7687', NEO4J_USERNAME: 'neo4j', NEO4J_PASSWORD: 'password' },
    },
  ],
  ['bigquery', docker(['-v', '/home/ada/.config/gcloud:/root/.config/gcloud'], 'mcp/bigquery', {})],
  [
    'snowflake',
    { ...uvx('snowflake-labs-mcp', '--service-config-file', '/etc/mcp/tools.yaml', '--connection-name', 'default') },
  ],
  [
    'elastic',
    {
      ...npx('@elastic/mcp-server-elasticsearch'),
      env: { ES_URL: 'https://es.internal:9200', ES_API_KEY: 'your-api-key', OTEL_LOG_LEVEL: 'none' },
    },
  ],
  [
    'qdrant',
    {
      ...uvx('mcp-server-qdrant'),
      env: {
        QDRANT_URL: 'http://localhost:6333',
        COLLECTION_NAME: 'notes',
        EMBEDDING_MODEL: 'sentence-transformers/all-MiniLM-L6-v2',
      },
    },
  ],
  ['chroma', uvx('chroma-mcp', '--client-type', 'persistent', '--data-dir', '/srv/chroma')],
  // Clouds.
  [
    'aws-docs',
    {
      ...uvx('awslabs.aws-documentation-mcp-server@latest'),
      env: { FASTMCP_LOG_LEVEL: 'ERROR', AWS_DOCUMENTATION_PARTITION: 'aws' },
    },
  ],
  [
    'aws-profile',
    { ...uvx('awslabs.cdk-mcp-server@latest'), env: { AWS_PROFILE: 'sandbox-readonly', AWS_REGION: 'eu-central-1' } },
  ],
  [
    'aws-words',
    {
      ...uvx('awslabs.s3-tables-mcp-server@latest'),
      env: { AWS_ACCESS_KEY_ID: 'your-access-key-id', AWS_SECRET_ACCESS_KEY: 'your-secret-access-key' },
    },
  ],
  [
    'aws-bedrock',
    {
      ...uvx('awslabs.bedrock-kb-retrieval-mcp-server@latest'),
      env: { KB_INCLUSION_TAG_KEY: 'mcp-multirag-kb', BEDROCK_KB_RERANKING_ENABLED: 'false' },
    },
  ],
  [
    'aws-arn',
    {
      ...uvx('awslabs.lambda-tool-mcp-server@latest'),
      env: { FUNCTION_ARN: 'arn:aws:lambda:eu-west-1:123456789012:function:report', FUNCTION_TAG_KEY: 'mcp' },
    },
  ],
  ['azure', npx('@azure/mcp@latest', 'server', 'start')],
  [
    'azure-ids',
    {
      ...npx('@azure/mcp@latest', 'server', 'start'),
      env: {
        AZURE_TENANT_ID: '9b3c1a52-7f60-4d1e-8a2b-0c9d8e7f6a5b',
        AZURE_CLIENT_ID: '1f2e3d4c-5b6a-4798-8a9b-acbdcedfe0f1',
        AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000000',
      },
    },
  ],
  [
    'azure-secret-words',
    { command: 'lokka', env: { TENANT_ID: '<tenant-id>', CLIENT_ID: '<client-id>', CLIENT_SECRET: '<client-secret>' } },
  ],
  ['azure-devops', npx('@azure-devops/mcp', 'contoso', '-d', 'core', 'work')],
  [
    'azure-keyvault',
    {
      command: 'kv-mcp',
      env: {
        KEYVAULT_URL: 'https://contoso-kv.vault.azure.net/',
        SECRET_NAME: 'orders-db',
        TOKEN_CACHE_PATH: '/var/cache/tokens.bin',
      },
    },
  ],
  [
    'gcp',
    {
      ...npx('@google-cloud/gcloud-mcp'),
      env: {
        GOOGLE_CLOUD_PROJECT: 'contoso-prod-eu',
        GOOGLE_CLOUD_LOCATION: 'europe-west4',
        GOOGLE_GENAI_USE_VERTEXAI: 'True',
      },
    },
  ],
  ['kubernetes', { ...npx('kubernetes-mcp-server@latest', '--read-only'), env: { KUBECONFIG: '~/.kube/config' } }],
  [
    'terraform',
    docker(
      ['-e', 'TFE_TOKEN=${TFE_TOKEN}', '-e', 'TFE_ADDRESS=https://tfe.example'],
      'hashicorp/terraform-mcp-server:0.3.3',
      {},
    ),
  ],
  [
    'docker-user',
    docker(['-u', '1000:1000', '--mount', 'type=bind,src=/home/ada,dst=/projects'], 'mcp/filesystem', {}),
  ],
  [
    'docker-digest',
    docker([], 'mcp/fetch@sha256:4c9a2e1b7d3f60588a1c0b2d3e4f5061728394a5b6c7d8e9f0a1b2c3d4e5f607', {}),
  ],
  [
    'docker-values',
    docker(['-e', 'LOG_LEVEL=debug', '-e', 'API_KEY', '--network=host', '--name', 'mcp-search-1'], 'mcp/search', {}),
  ],
  // Remote servers.
  ['github-remote', { type: 'http', url: 'https://api.githubcopilot.com/mcp/' }],
  [
    'github-remote-input',
    {
      type: 'http',
      url: 'https://api.githubcopilot.com/mcp/',
      headers: { Authorization: 'Bearer ${GITHUB_PAT}', 'X-MCP-Toolsets': 'repos,issues', 'X-MCP-Readonly': 'true' },
    },
  ],
  [
    'github-remote-words',
    { type: 'http', url: 'https://api.githubcopilot.com/mcp/', headers: { Authorization: 'Bearer YOUR_GITHUB_PAT' } },
  ],
  ['linear', { type: 'sse', url: 'https://mcp.linear.app/sse' }],
  ['sentry-remote', { url: 'https://mcp.sentry.dev/mcp/contoso/web' }],
  ['notion-remote', { url: 'https://mcp.notion.com/mcp' }],
  ['stripe-remote', { url: 'https://mcp.stripe.com', headers: { Authorization: 'Bearer <token>' } }],
  ['context7', { url: 'https://mcp.context7.com/mcp', headers: { CONTEXT7_API_KEY: 'YOUR_API_KEY' } }],
  ['deepwiki', { serverUrl: 'https://mcp.deepwiki.com/mcp', url: 'https://mcp.deepwiki.com/mcp' }],
  [
    'supabase-remote',
    { type: 'http', url: 'https://mcp.supabase.com/mcp?project_ref=abcdefghijklmnopqrst&read_only=true' },
  ],
  ['huggingface', { url: 'https://huggingface.co/mcp', headers: { Authorization: 'Bearer <YOUR_HF_TOKEN>' } }],
  ['neon', { url: 'https://mcp.neon.tech/mcp', headers: { Authorization: 'Bearer ${NEON_API_KEY}' } }],
  ['exa-remote', { url: 'https://mcp.exa.ai/mcp?exaApiKey=your-exa-api-key' }],
  ['tavily-remote', { url: 'https://mcp.tavily.com/mcp/?tavilyApiKey=${TAVILY_API_KEY}' }],
  ['firecrawl-remote', { url: 'https://mcp.firecrawl.dev/${FIRECRAWL_API_KEY}/v2/mcp' }],
  ['zapier', { url: 'https://mcp.zapier.com/api/mcp/s/YOUR_SERVER_ID/mcp' }],
  ['mcp-remote', npx('mcp-remote', 'https://mcp.atlassian.com/v1/sse')],
  [
    'mcp-remote-header',
    {
      ...npx('mcp-remote', 'https://mcp.example/sse', '--header', 'Authorization:${AUTH_HEADER}'),
      env: { AUTH_HEADER: 'Bearer ${TOKEN}' },
    },
  ],
  [
    'mcp-remote-words',
    npx(
      'mcp-remote@latest',
      'https://mcp.example/sse',
      '--header',
      'Authorization: Bearer <auth token>',
      '--transport',
      'http-first',
    ),
  ],
  [
    'trace',
    {
      url: 'https://mcp.example/mcp',
      headers: {
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        'x-request-id': 'a3f1c2d4e5b60718293a4b5c6d7e8f90',
        Accept: 'application/json, text/event-stream',
      },
    },
  ],
  [
    'versioned',
    {
      url: 'https://mcp.example/v2/mcp?api-version=2026-06-01&client=rockbot-0.1.0',
      headers: { 'User-Agent': 'RockBot/0.1 (agent; linux)', 'X-Client-Version': '1.104.2' },
    },
  ],
  ['uuid-path', { url: 'https://mcp.example/workspaces/7c9e6679-7425-40de-944b-e07fc1f90ae7/mcp' }],
  [
    'logic',
    { url: 'https://contoso.azure-api.net/orders-mcp/mcp', headers: { 'Ocp-Apim-Subscription-Key': '${APIM_KEY}' } },
  ],
  [
    'foundry',
    {
      url: 'https://contoso.services.ai.azure.com/api/projects/sales/mcp',
      headers: { 'x-ms-client-request-id': 'c56a4180-65aa-42ec-a945-5fd21dec0538' },
    },
  ],
  [
    'dataverse',
    { url: 'https://contoso.crm4.dynamics.com/api/mcp', headers: { 'MSCRM.SolutionUniqueName': 'SalesCore' } },
  ],
  ['workiq', { type: 'streamable-http', url: 'https://workiq.svc.cloud.microsoft/mcp', auth: { profile: 'workiq' } }],
  [
    'workiq-guarded',
    {
      url: 'https://workiq.svc.cloud.microsoft/mcp',
      auth: { profile: 'workiq' },
      guards: { preset: 'no-send', allow: ['fetch /me/messages/**', 'ask'], deny: ['do_action **/sendMail'] },
    },
  ],
  [
    'agent365',
    {
      url: 'https://agent365.svc.cloud.microsoft/agents/tenants/${WORKIQ_TENANT_ID}/servers/mcp_MailTools',
      auth: { profile: 'workiq' },
      headers: { 'x-ms-agentid': 'f47ac10b-58cc-4372-a567-0e02b2c3d479' },
    },
  ],
  [
    'filters',
    {
      url: 'https://mcp.example/mcp',
      allowedTools: ['getFileOrFolderMetadataByUrl', 'list_*'],
      deniedTools: ['SearchMessagesQueryParameters'],
      timeoutMs: 120_000,
      limits: { callsPerDay: 500 },
    },
  ],
  // Names and texts that only look telling.
  [
    'names',
    {
      command: 'x',
      env: {
        TOKEN_URL: 'https://login.example/oauth2/token',
        AUTH_TYPE: 'oauth2',
        AUTH_MODE: 'device',
        API_KEY_HEADER: 'X-Api-Key',
        PASSWORD_FILE: '/run/secrets/db',
        TOKENIZERS_PARALLELISM: 'false',
        KEY_VAULT_NAME: 'contoso-kv',
      },
    },
  ],
  [
    'files',
    {
      command: 'x',
      env: {
        CREDENTIALS: './credentials.json',
        CLIENT_SECRET: '/run/secrets/client',
        PRIVATE_KEY: '~/.ssh/id_ed25519',
        SERVICE_ACCOUNT_KEY: '/etc/keys/sa.json',
      },
    },
  ],
  [
    'public-certificate',
    {
      command: 'x',
      env: { CA_CERT: '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUfo0mG1hY8Qb1\n-----END CERTIFICATE-----' },
    },
  ],
  [
    'words',
    {
      url: 'https://mcp.example/mcp',
      description: 'Basic authentication is not needed; bearer tokens are optional.',
      note: 'ask Ada for a token',
    },
  ],
  [
    'switches',
    {
      command: 'x',
      args: ['--auth', 'none', '--token-cache', 'memory', '--no-password', '--enable-api-key=false'],
      env: { USE_TOKEN: 'true', ENABLE_AUTH: '1' },
    },
  ],
  [
    'long-names',
    {
      command: 'x',
      args: ['--model', 'claude-sonnet-4-5-20250929', '--locale=de-AT', '--schema=ProductCatalogueEntryV2'],
      env: { BUILD_REVISION: '0f3c9a1b7de24586a1c0b2d3e4f5061728394a5b', IMAGE_TAG: 'sha-1f2e3d4' },
    },
  ],
  [
    'embedded-json',
    {
      command: 'x',
      env: { CONFIG_JSON: '{"region":"eu-1","tokenFile":"/run/t","headers":{"Accept":"application/json"}}' },
    },
  ],
  [
    'publishable',
    {
      command: 'x',
      env: { STRIPE_PUBLISHABLE: 'pk_live_abcdefghijklmn', SENTRY_DSN_HOST: 'o123456.ingest.sentry.io' },
    },
  ],
  [
    'other-clients',
    {
      type: 'stdio',
      command: 'x',
      gallery: 'https://api.mcp.github.com',
      version: '0.13.1',
      alwaysAllow: ['read'],
      autoApprove: [],
      disabled: false,
      cwd: '${workspaceFolder}',
    },
  ],
];

function npx(...args: readonly string[]): { command: string; args: string[] } {
  return { command: 'npx', args: ['-y', ...args] };
}

function uvx(...args: readonly string[]): { command: string; args: string[] } {
  return { command: 'uvx', args: [...args] };
}

function docker(flags: readonly string[], image: string, env: Readonly<Record<string, string>>): object {
  return { command: 'docker', args: ['run', '-i', '--rm', ...flags, image], env };
}
