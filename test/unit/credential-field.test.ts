import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asksForCredential, credentialField, type AskedField } from '../../shared/elicitation/credential-field.ts';

const credentials: (string | Partial<AskedField>)[] = [
  'password',
  'Password',
  'userPassword',
  'new_password',
  'passwd',
  'pwd',
  'PASSWD',
  'passphrase',
  'pass-code',
  'secret',
  'clientSecret',
  'client_secret',
  'apiKey',
  'api_key',
  'API-KEY',
  'APIKey',
  'x-api-key',
  'accessToken',
  'token',
  'github_token',
  'bearer',
  'refresh_token',
  'pin',
  'PIN',
  'userPin',
  'otp',
  'one_time_code',
  'oneTimePasscode',
  'mfaCode',
  '2fa_code',
  'totp',
  'verificationCode',
  'securityCode',
  'privateKey',
  'ssh_key',
  'credentials',
  'recovery_phrase',
  'sessionCookie',
  'cvv',
  'creditCard',
  'card_number',
  'connection_string',
  'passwort',
  'Kennwort',
  'mot_de_passe',
  'contraseña',
  'senha',
  'wachtwoord',
  'hasło',
  'пароль',
  '密码',
  'パスワード',
  'p_a_s_s_w_o_r_d',
  'passw0rd',
  'p\u0430ssword',
  'pass\u200bword',
  'ｐａｓｓｗｏｒｄ',
  { name: 'value', title: 'Your password' },
  { name: 'value', title: 'PIN' },
  { name: 'value', description: 'The API key of your account' },
  { name: 'value', description: 'Six digits: the one-time code from your phone' },
  { name: 'value', description: 'Copy the access token from the portal' },
  { name: 'value', format: 'password' },
  { name: 'value', format: 'one-time-code' },
  { name: 'value', format: 'secret' },
  { name: 'x', description: 'Code from your authenticator app' },
  { name: 'x', description: 'The code that we sent you' },
  { name: 'x', title: 'Security answer' },
  { name: 'x', title: 'Bestätigungscode' },
  { name: 'x', title: '验证码' },
  { name: 'x', title: 'Код из SMS' },
  { name: 'pin', type: 'integer' },
  { name: 'value', type: 'number', title: 'Security code' },
];

const harmless: (string | Partial<AskedField>)[] = [
  'city',
  'name',
  'email',
  'subject',
  'author',
  'authority',
  'keyword',
  'key',
  'issueKey',
  'monkey',
  'spinning',
  'opinion',
  'pinterest',
  'passenger',
  'passport_country',
  'compass',
  'bypass',
  'secretary',
  'postalCode',
  'zip_code',
  'countryCode',
  'tokens',
  { name: 'maxTokens', type: 'integer' },
  { name: 'token', type: 'integer' },
  { name: 'postal_code', type: 'integer' },
  { name: 'errorCode', type: 'integer' },
  { name: 'reset_password', type: 'boolean', description: 'Have the password reset?' },
  { name: 'kind', isChoice: true, title: 'Password or token?' },
  { name: 'note', description: 'What the passenger said about the compass' },
  { name: 'code', description: 'The tracking code that we sent you' },
  { name: 'x', description: 'Notes of the security code review' },
  { name: 'x', description: 'Code from the product list' },
  { name: 'x', title: 'Discount code' },
  { name: 'date', format: 'date-time' },
  { name: 'link', format: 'uri' },
];

const fieldOf = (given: string | Partial<AskedField>): AskedField =>
  typeof given === 'string' ? { name: given, type: 'string' } : { name: 'value', type: 'string', ...given };
const label = (given: string | Partial<AskedField>): string =>
  typeof given === 'string' ? given : JSON.stringify(given);

describe('credential fields', () => {
  for (const given of credentials) {
    test(`credential fields - ${label(given)} asks for a credential [P6]`, () => {
      assert.equal(credentialField([{ name: 'city' }, fieldOf(given)]), fieldOf(given).name);
    });
  }
  for (const given of harmless) {
    test(`credential fields - ${label(given)} asks for none`, () => {
      assert.equal(credentialField([fieldOf(given)]), undefined);
    });
  }

  for (const message of [
    'Please enter your password.',
    'To continue, provide the API key of your account',
    'Line one\nType the verification code that we sent you',
    'What is your PIN code?',
    'Paste your access token here',
    'Bitte eingeben: please give your Kennwort',
    'client secret',
    'Client secret of the app registration',
    'Passphrase',
    'recovery code',
    'Verification code from SMS',
    'Verification code that was sent to your phone',
    'Security answer',
    'Your PIN which is on the letter',
    'The password you have set',
    'Your PIN?',
    'PIN',
    'One-time code:',
    'Token, please',
    'Password is required.',
    'Signing in to the portal. Your password?',
    'Bitte Passwort',
    'Ihr Einmalpasswort',
    'Sicherheitscode',
    'Code de vérification',
    'Código de verificación',
    'Пароль',
    'Код подтверждения',
    '密码',
    '请输入验证码。',
    'パスワード',
    '인증번호',
    'Code from your authenticator app',
    'The 6-digit code on your phone',
  ]) {
    test(`credential fields - the message "${message.replace('\n', ' ')}" asks for a credential`, () => {
      assert.equal(asksForCredential(message), true);
    });
  }
  for (const message of [
    'Which city is it about?',
    'Your password expires on Monday. Whom shall we tell?',
    'Enter the name of the project.',
    'The token count was exceeded. Continue?',
    'Postal code',
    'Country code of the phone number?',
    'Who does the code review?',
    'Secret Santa list',
    'Which secret santa shall it be?',
    'Shall I rotate the API key?',
    'Delete the client secret of the test app?',
    'Reset the password of Alex?',
    'Your password was changed. Whom shall we tell?',
    'Use the stored credentials?',
    'Which password policy applies?',
    'Create an access token for the build?',
    'The verification code has expired. Try again?',
    'Das Passwort wurde geändert. Weiter?',
    'Pin the message to the channel?',
    'Token of appreciation for the team: which gift?',
    'Discount code for the order',
  ]) {
    test(`credential fields - the message "${message}" does not`, () => {
      assert.equal(asksForCredential(message), false);
    });
  }

  test('credential fields - hostile texts cost no more than a moment', () => {
    const started = performance.now();
    for (const text of [
      'a '.repeat(100_000),
      'please enter '.repeat(50_000),
      'a.'.repeat(100_000),
      'code '.repeat(50_000),
      'code a b c '.repeat(50_000),
      'please your '.repeat(50_000),
      '\u0300'.repeat(100_000),
    ]) {
      credentialField([{ name: text, title: text, description: text, format: text }]);
      asksForCredential(text);
    }
    // Far from what an exponential pattern would take, on any machine.
    assert.ok(performance.now() - started < 20_000);
  });
});
