// Writes what the bundles are made of beside them: `THIRD-PARTY-LICENSES.txt` for people, `sbom.cdx.json` (CycloneDX) for machines.
// Both follow from esbuild's metafile alone, so the same bundles always get the same two files.
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as spdx from 'spdx-expression-parse';

/**
 * @typedef {object} Bundled a package of which something stands in a bundle
 * @property {{ name: string, version: string, license: string, author?: string | { name: string } }} manifest
 * @property {string} terms text of its licence and notices
 */

/** The files in which packages keep their terms. */
const termsFile = /^(?:licen[cs]e|copying|notice)/i;

/**
 * @param {Iterable<string>} inputs paths of esbuild's metafile
 * @param {{ name: string, version: string, license: string }} product
 */
export async function writeThirdParty(inputs, product) {
  const packages = await bundledPackages(inputs);
  await writeFile('dist/THIRD-PARTY-LICENSES.txt', licencesText(packages));
  await writeFile('dist/sbom.cdx.json', billOfMaterials(packages, product));
}

/**
 * @param {Iterable<string>} inputs
 * @returns {Promise<Bundled[]>}
 */
async function bundledPackages(inputs) {
  const folders = new Set([...inputs].flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  /** One package may lie in several folders. */
  const byId = new Map();
  for (const folder of folders) {
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    byId.set(`${manifest.name}@${manifest.version}`, { manifest, terms: await termsOf(folder, manifest) });
  }
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bundled]) => bundled);
}

/**
 * @param {string} folder
 * @param {Bundled['manifest']} manifest
 */
async function termsOf(folder, manifest) {
  const files = (await readdir(folder)).filter((name) => termsFile.test(name)).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  if (texts.length > 0) return texts.map((text) => text.trim()).join('\n\n');
  // Published without its text, which for this licence is always the same.
  if (manifest.license !== 'MIT') throw new Error(`${folder} has no text of its licence, ${manifest.license}.`);
  const author = typeof manifest.author === 'object' ? manifest.author.name : manifest.author;
  const ours = await readFile('LICENSE', 'utf8');
  return ours.replace(/^Copyright.*$/m, `Copyright (c) ${author ?? `the authors of ${manifest.name}`}`).trim();
}

/** @param {readonly Bundled[]} packages */
function licencesText(packages) {
  // Many packages come with the same text.
  const byTerms = Map.groupBy(packages, ({ terms }) => terms.replace(/\s+/g, ' '));
  const parts = Array.from(byTerms.values(), (alike) => [
    '-'.repeat(80),
    ...alike.map(
      ({ manifest: { name, version, license } }) =>
        `${name} ${version} (${license}), https://www.npmjs.com/package/${name}/v/${version}`,
    ),
    '',
    alike[0]?.terms,
    '',
  ]);
  const title = `RockBot contains parts of ${packages.length} packages by others, under these terms. Their sources are where the addresses say.`;
  return [title, '', ...parts.flat()].join('\n');
}

/**
 * @param {readonly Bundled[]} packages
 * @param {{ name: string, version: string, license: string }} product
 */
function billOfMaterials(packages, product) {
  const build = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(
    new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory(),
    new Contrib.License.Factories.LicenseFactory(spdx.default),
  );
  /** @param {{ name: string, version: string, license: string }} manifest */
  const component = ({ name, version, license }, type = Enums.ComponentType.Library) => {
    const made = build.makeComponent({ name, version, license }, type);
    const [scope, bare = scope] = name.split('/');
    const purl = new PackageURL(
      'npm',
      bare === scope ? undefined : scope,
      bare,
      version,
      undefined,
      undefined,
    ).toString();
    made.bomRef.value = purl;
    made.purl = purl;
    return made;
  };
  const root = component(product, Enums.ComponentType.Application);
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: root }) });
  for (const { manifest } of packages) {
    const part = component(manifest);
    bom.components.add(part);
    root.dependencies.add(part.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}
