import { configPath, credentialsPath } from "../config/files.ts";
import { type Line, lineNumber } from "../config/ini_lines.ts";
import type { IniEntry, IniSection } from "../config/ini.ts";
import { type ConfigFile, indexKey } from "../config/config_file.ts";
import { nameMeant } from "../config/name_meant.ts";
import { programOfSetting } from "../config/others_settings.ts";
import { parseSectionName, renderHeader } from "../config/section_name.ts";
import { sourceSettings } from "../credentials/source.ts";
import type { Finding } from "../finding.ts";
import { quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";
import { examineMode, findLeftovers, folderOf } from "../file_findings.ts";
import { examineOwners, examineWay } from "../place_findings.ts";
import { KNOWN_SESSION_SETTINGS, KNOWN_SETTINGS } from "./known_settings.ts";
import { findPlainKeys } from "./plain_keys.ts";
import { nearNames } from "../near_names.ts";

/** The text of the config file: what nobody reads in it, and what appears twice. */
export const CONFIG_FILE: Check = {
  id: "config-file",
  subject: "config file",
  steps: [
    ({ host }) => examineMode(host.files, realPathOf(host), MODE),
    ({ host }) => examineMode(host.files, folderOf(realPathOf(host)), FOLDER_MODE),
    ({ host }) => examineWay(host, configPath(host), [folderOf(realPathOf(host))]),
    examineUsualFolder,
    ({ host }) => foldersOf(host).flatMap((folder) => findLeftovers(host.files, folder)),
    ({ config }) => findPlainKeys(config().text, config().path),
    examineText,
  ],
};

/** The target of the path if it is a link: writes go there. */
function realPathOf(host: Scene["host"]): string {
  const path = configPath(host);
  return host.files.realPath(path) ?? path;
}

/** The AWS CLI also keeps its caches there, and cannot write to files that sudo left. */
function examineUsualFolder({ host }: Scene): Finding[] {
  const { home } = host.platform;
  const examined = [realPathOf(host), credentialsPath(host)];
  return home === undefined ? [] : examineOwners(host.files, `${home}/.aws`, examined);
}

function foldersOf(host: Scene["host"]): string[] {
  return [...new Set([configPath(host), realPathOf(host)].map(folderOf))];
}

const FOLDER_MODE = {
  writable: "config-folder-writable",
  what: "The folder of the config file",
  danger: "they can replace the file, whose programs run as you",
};

const MODE = {
  writable: "config-writable",
  what: "The config file",
  danger: "what they write into it runs as you (credential_process, mfa_process)",
};

/** Sections of the AWS CLI that do not belong to a profile. */
const CLI_SECTIONS = new Set(["plugins", "preview"]);

function examineText(scene: Scene): Finding[] {
  const config = scene.config();
  const sections = config.sections();
  const at = (offset: number) => `${config.path}:${lineNumber(config.text, offset)}`;
  const own = new Set(sourceSettings(scene.sources));
  return [
    ...sections.filter(isUnknown).map((section) => unknownSection(section, at, config)),
    ...findTwice(sections, at),
    ...sections.flatMap((section) => examineEntries(section, own, at)),
  ];
}

type Place = (offset: number) => string;

function isUnknown({ header }: IniSection): boolean {
  return parseSectionName(header) === undefined && !CLI_SECTIONS.has(header);
}

function unknownSection(
  { header, line, entries }: IniSection,
  at: Place,
  config: ConfigFile,
): Finding {
  const name = nameMeant(header);
  const right = renderHeader({ kind: "profile", name });
  return {
    id: "section-unknown",
    severity: "warning",
    subject: header,
    message: `${at(line.at)}: nothing reads the section [${header}]`,
    todo: !config.hasProfile(name)
      ? `For a profile of that name, write ${right}`
      : entries.length > 0
      ? `Move its settings to ${right}, or remove it`
      : "Remove it",
  };
}

function findTwice(sections: readonly IniSection[], at: Place): Finding[] {
  const byName = Map.groupBy(sections, ({ header }) => {
    const name = parseSectionName(header);
    return name === undefined ? header : indexKey(name);
  });
  return [...byName.values()].filter((same) => same.length > 1).map((same) => ({
    id: "section-twice",
    severity: "warning",
    subject: same[0]!.header,
    message: `The section [${same[0]!.header}] is in the config file ${same.length} times: ` +
      listPlaces(same, at),
    todo: "Join them: programs differ in which one they read",
  }));
}

/** More places would not help a reader. */
const MOST_PLACES = 9;

function listPlaces(same: readonly { readonly line: Line }[], at: Place): string {
  const places = same.slice(0, MOST_PLACES).map(({ line }) => at(line.at));
  return [...places, ...same.length > MOST_PLACES ? ["…"] : []].join(", ");
}

function examineEntries(section: IniSection, own: ReadonlySet<string>, at: Place): Finding[] {
  const kind = parseSectionName(section.header)?.kind;
  const byKey = Map.groupBy(section.entries, ({ key }) => key);
  const twice = [...byKey.values()].filter((same) => same.length > 1).map((same) =>
    keyTwice(section, same, at)
  );
  const known = kind === "profile"
    ? KNOWN_SETTINGS.union(own)
    : kind === "sso-session"
    ? KNOWN_SESSION_SETTINGS
    : undefined;
  const unknown = [...byKey.values()].map(([entry]) => entry!).filter(({ key }) =>
    known !== undefined && !known.has(key) && programOfSetting(key) === undefined
  );
  return [...twice, ...unknown.map((entry) => unknownKey(section, entry, known!, at))];
}

function keyTwice({ header }: IniSection, same: readonly IniEntry[], at: Place): Finding {
  return {
    id: "setting-twice",
    severity: "warning",
    subject: same[0]!.key,
    message: `[${header}] sets ${same[0]!.key} ${same.length} times: ` +
      listPlaces(same, at),
    todo: "Keep one: aws-vault reads the last, and some programs refuse the file",
  };
}

function unknownKey(
  { header }: IniSection,
  { key, line }: IniEntry,
  known: ReadonlySet<string>,
  at: Place,
): Finding {
  const [meant] = nearNames(key, known);
  return {
    id: "setting-unknown",
    severity: "warning",
    subject: key,
    message: `${at(line.at)}: no known program reads ${quote(key)} in [${header}]`,
    todo: meant === undefined
      ? "Remove it, unless another tool of yours reads it"
      : `Write ${meant}`,
  };
}
