/** Programs of KDE 6, which Debian 12 does not have: those of Debian 13, unpacked into a folder by `.ci/kde6`. */

const { AWS_VAULT_CI_CACHE, XDG_CACHE_HOME, HOME } = Deno.env.toObject();
const CACHE = AWS_VAULT_CI_CACHE ?? `${XDG_CACHE_HOME ?? `${HOME}/.cache`}/aws-vault-ci`;
const ROOT = `${CACHE}/kde6`;
const LIBRARIES = `${ROOT}/usr/lib/x86_64-linux-gnu`;

/** The folder with Debian 13's files, whose programs are started by its own dynamic linker. */
export const KDE6 = {
  install: "run .ci/kde6",
  isHere: () => exists(`${ROOT}/.ready`),
  /** The command line of a program: no root and no chroot is needed. */
  words: (program: string): [string, ...string[]] => [
    `${LIBRARIES}/ld-linux-x86-64.so.2`,
    "--library-path",
    LIBRARIES,
    `${ROOT}/usr/bin/${program}`,
  ],
  env: {
    QT_QPA_PLATFORM: "xcb",
    QT_PLUGIN_PATH: `${LIBRARIES}/qt6/plugins`,
    QCA_PLUGIN_PATH: `${LIBRARIES}/qca-qt6`,
    XDG_DATA_DIRS: `${ROOT}/usr/share`,
    XKB_CONFIG_ROOT: `${ROOT}/usr/share/X11/xkb`,
    FONTCONFIG_SYSROOT: ROOT,
  },
} as const;

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
