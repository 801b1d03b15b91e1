import { readSetting } from "../config/credentials_section.ts";
import { readEditable } from "../config/edit_file.ts";
import type { Finding } from "../finding.ts";
import { quote } from "../text.ts";
import { readWrittenSections } from "../written_sections.ts";
import type { Scene } from "./check.ts";

/** Credentials that `export --section` wrote into files, and that are still there. */
export function findWrittenSections(host: Scene["host"]): Finding[] {
  const now = host.clock.now().epochMilliseconds / 1000;
  return readWrittenSections(host).flatMap(({ path, section, accessKeyId, until }): Finding[] => {
    const text = readEditable(host, path) ?? "";
    if (readSetting(text, path, section, "aws_access_key_id") !== accessKeyId) return [];
    const isOver = until <= now;
    const end = Temporal.Instant.fromEpochMilliseconds(until * 1000).toString();
    return [{
      id: "written-section",
      severity: isOver ? "warning" : "note",
      subject: path,
      message: `Temporary credentials are in section ${quote(section)} of ${quote(path)}, ` +
        `readable by every program that you run; they were kept until ${end}`,
      todo: isOver ? "aws-vault clear removes them" : `After that, aws-vault clear removes them`,
    }];
  });
}
