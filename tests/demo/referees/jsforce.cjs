// What jsforce meets in the demo org, as one line of JSON a step: {"step": name, "result": ...} or {"step": name,
// "error": {name, message, errorCode}}. Told through the environment: SFMCP_TEST_NODE, and ORG as JSON.

const jsforce = require(require.resolve('jsforce', { paths: [process.env.SFMCP_TEST_NODE] }));

const org = JSON.parse(process.env.ORG);
const app = { clientId: org.client_id, clientSecret: org.client_secret, loginUrl: org.instance_url };
const { username, password, access_token: accessToken } = org.users[0];

const open = (options = {}) => new jsforce.Connection({ instanceUrl: org.instance_url, accessToken, version: '66.0', ...options });
const grant = async (parameters) => {
  const connection = new jsforce.Connection({ oauth2: app, version: '66.0' });
  await connection.authorize(parameters);
  return (await connection.identity()).username;
};

const steps = {
  async soapLogin() {
    const connection = new jsforce.Connection({ loginUrl: org.instance_url });
    const user = await connection.login(username, password);
    return { user, username: (await connection.identity()).username };
  },
  async wrongPassword() {
    await new jsforce.Connection({ loginUrl: org.instance_url }).login(username, 'wrong');
  },
  async oauthPassword() {
    const connection = new jsforce.Connection({ oauth2: app });
    await connection.login(username, password);
    return (await connection.identity()).username;
  },
  oauthClientCredentials: () => grant({ grant_type: 'client_credentials' }),
  oauthJwt: () => grant({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: org.assertion }),
  authorizationUrl: () => new jsforce.OAuth2({ ...app, redirectUri: 'http://localhost:1717/OauthRedirect' }).getAuthorizationUrl({ scope: 'api' }),
  async versions() {
    return (await open().request('/services/data')).at(-1).version;
  },
  async describe() {
    const connection = open();
    const { sobjects } = await connection.describeGlobal();
    const described = await connection.sobject('Case').describe();
    return { objects: sobjects.map((each) => each.name), fields: described.fields.length, label: described.label };
  },
  async query() {
    const found = await open().query("SELECT Id, Name, Owner.Name FROM Account WHERE Industry != null ORDER BY Name LIMIT 3");
    return found;
  },
  async pages() {
    const connection = open();
    const soql = 'SELECT Id, CaseNumber FROM Case ORDER BY CaseNumber';
    const first = await connection.query(soql, { headers: { 'Sforce-Query-Options': 'batchSize=200' } });
    const second = await connection.queryMore(first.nextRecordsUrl);
    const all = await connection.query(soql, { autoFetch: true, maxFetch: 5000, headers: { 'Sforce-Query-Options': 'batchSize=200' } });
    return { total: first.totalSize, first: first.records.length, done: first.done, second: second.records.length, all: all.records.length };
  },
  find: () => open().sobject('Contact').find({ LastName: { $like: 'S%' } }, 'Id, LastName, Account.Name').sort({ LastName: 1 }).limit(5).execute(),
  async search() {
    const { searchRecords } = await open().search('FIND {Acme OR Edge OR generator*} RETURNING Account(Id, Name), Case(Id, Subject)');
    return searchRecords.map((each) => each.attributes.type);
  },
  async records() {
    const contacts = open().sobject('Contact');
    const made = await contacts.create({ LastName: 'Referee', Email: 'js@example.com' });
    await contacts.update({ Id: made.id, FirstName: 'Rita' });
    const read = await contacts.retrieve(made.id);
    const gone = await contacts.destroy(made.id);
    const start = new Date(Date.now() - 3600_000), end = new Date(Date.now() + 120_000);
    const deleted = await contacts.deleted(start, end);
    return { made, name: read.Name, gone, deleted: deleted.deletedRecords.map((each) => each.id) };
  },
  async upsert() {
    const interactions = open().sobject('Copilot_Interaction__c');
    const first = await interactions.upsert({ Conversation_Id__c: 'js-1', Outcome__c: 'Deflected' }, 'Conversation_Id__c');
    const second = await interactions.upsert({ Conversation_Id__c: 'js-1', Outcome__c: 'Escalated' }, 'Conversation_Id__c');
    return { first, second };
  },
  async collections() {
    const leads = open().sobject('Lead');
    const rows = Array.from({ length: 250 }, (_, number) => ({ LastName: `Js ${number}`, Company: 'Referees' }));
    const made = await leads.create(rows, { allowRecursive: true });
    const mixed = await leads.create([{ LastName: 'Good', Company: 'Referees' }, { LastName: 'Bad' }]);
    const gone = await leads.destroy(made.map((each) => each.id), { allowRecursive: true });
    return { made: made.filter((each) => each.success).length, mixed, gone: gone.filter((each) => each.success).length };
  },
  composite: () => open().requestPost('/services/data/v66.0/composite', {
    allOrNone: true,
    compositeRequest: [
      { method: 'POST', url: '/services/data/v66.0/sobjects/Account', referenceId: 'account', body: { Name: 'Js' } },
      { method: 'POST', url: '/services/data/v66.0/sobjects/Contact', referenceId: 'contact', body: { LastName: 'Js', AccountId: '@{account.id}' } },
    ],
  }),
  async bulkQuery() {
    const connection = open();
    connection.bulk2.pollInterval = 50;
    connection.bulk2.pollTimeout = 30_000;
    const stream = await connection.bulk2.query('SELECT Id, LastName FROM Contact');
    const records = await stream.toArray();
    return { count: records.length, first: records[0] };
  },
  async bulkIngest() {
    const connection = open();
    const input = [{ LastName: 'Bulk one', Company: 'Referees' }, { LastName: 'Bulk, "two"\nlines', Company: 'Referees' }, { LastName: 'No company', Company: '' }];
    const result = await connection.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'insert', input, pollInterval: 50, pollTimeout: 30_000 });
    return { done: result.successfulResults, failed: result.failedResults, rest: result.unprocessedRecords };
  },
  async userInfoAndLimits() {
    const connection = open();
    const { DailyApiRequests } = await connection.limits();
    await connection.query('SELECT Id FROM User LIMIT 1');
    return { limit: DailyApiRequests, usage: connection.limitInfo };
  },
  async tooling() {
    const { tooling } = open();
    const { sobjects } = await tooling.describeGlobal();
    const fields = await tooling.query("SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Case'");
    const [rule] = await tooling.sobject('ValidationRule').find({ ValidationName: 'Quantity_Above_Zero' }, ['Id', 'Active']);
    const whole = await tooling.sobject('ValidationRule').retrieve(rule.Id);
    return { objects: sobjects.map((each) => each.name), fields: fields.totalSize, rule, formula: whole.Metadata.errorConditionFormula };
  },
  malformed: () => open().query('SELECT FROM Account'),
  unknownField: () => open().query('SELECT Nmae FROM Account'),
  missingField: () => open().sobject('Contact').create({ FirstName: 'No' }),
  unknownRecord: () => open().sobject('Account').retrieve('001000000000000AAA'),
  expired: () => open({ accessToken: '00D5g0000000001!ended' }).query('SELECT Id FROM Account'),
};

(async () => {
  for (const [step, run] of Object.entries(steps)) {
    let told;
    try {
      told = { step, result: await run() };
    } catch (error) {
      told = { step, error: { name: error.name, message: error.message, errorCode: error.errorCode } };
    }
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
})();
