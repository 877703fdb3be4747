#!/usr/bin/env bash
# Installs what is missing of the named parts on Debian and its relatives, and
# does nothing when nothing is missing. On other systems it says what to install.
#
#   scripts/setup-debian.sh postgresql tesseract poppler compiler pymupdf
set -euo pipefail

has() { command -v "$1" >/dev/null 2>&1; }

has_postgresql() {
  if [ -n "${POSTGRES_BIN_DIR:-}" ]; then [ -x "$POSTGRES_BIN_DIR/initdb" ] && return; fi
  has initdb && has postgres && return
  local dir
  for dir in /usr/lib/postgresql/*/bin; do
    [ "$(basename "$(dirname "$dir")")" -ge 15 ] 2>/dev/null && [ -x "$dir/initdb" ] && return
  done
  return 1
}

has_pymupdf() { /usr/bin/python3 -c 'import fitz' >/dev/null 2>&1; }

# Tesseract with the languages of most manuals, and what tells which way is up.
has_tesseract() {
  has tesseract || return
  local installed language
  installed=$(tesseract --list-langs 2>/dev/null) || return
  for language in eng deu spa osd; do
    grep -qx "$language" <<<"$installed" || return
  done
}

packages=()
missing=()
for part in "$@"; do
  case "$part" in
    postgresql) has_postgresql || { packages+=(postgresql); missing+=("PostgreSQL 15 or newer, with initdb"); } ;;
    tesseract)
      has_tesseract || {
        packages+=(tesseract-ocr tesseract-ocr-eng tesseract-ocr-deu tesseract-ocr-spa tesseract-ocr-osd)
        missing+=("tesseract 5 with the languages eng, deu, spa and osd, for scanned pages")
      }
      ;;
    poppler) has pdftotext || { packages+=(poppler-utils); missing+=("pdftotext (poppler)"); } ;;
    compiler) has gcc || { packages+=(gcc libc6-dev); missing+=("a C compiler (gcc), for the race detector"); } ;;
    pymupdf) has_pymupdf || { packages+=(python3-fitz); missing+=("PyMuPDF for the system's python3"); } ;;
    *) echo "setup-debian: unknown part $part" >&2; exit 2 ;;
  esac
done
[ ${#packages[@]} -gt 0 ] || exit 0

if ! has apt-get; then
  {
    echo "Missing on this machine; please install:"
    printf '  - %s\n' "${missing[@]}"
    echo "macOS: brew install postgresql@17 tesseract tesseract-lang poppler"
    echo "Fedora: dnf install postgresql-server tesseract tesseract-langpack-deu tesseract-langpack-spa tesseract-osd poppler-utils gcc"
  } >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  has sudo || { echo "Missing: ${missing[*]}. Run as root: apt-get install ${packages[*]}" >&2; exit 1; }
  as_root=(sudo)
fi

# The program runs a PostgreSQL of its own. Debian's package would also create a
# system-wide cluster and start it at boot, which nobody asked for.
no_cluster=/etc/postgresql-common/createcluster.d/techcopilot.conf
cleanup() { "${as_root[@]}" rm -f "$no_cluster"; }
if [[ " ${packages[*]} " == *" postgresql "* ]] && [ ! -d /etc/postgresql ]; then
  trap cleanup EXIT
  "${as_root[@]}" mkdir -p "$(dirname "$no_cluster")"
  echo 'create_main_cluster = false' | "${as_root[@]}" tee "$no_cluster" >/dev/null
fi

echo "installing ${packages[*]}" >&2
log=$(mktemp)
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${packages[@]}"
}
# The package lists of a fresh machine are empty or old; try them as they are first.
if ! install >"$log" 2>&1 && ! { "${as_root[@]}" apt-get -qq update && install; } >>"$log" 2>&1; then
  cat "$log" >&2
  rm -f "$log"
  echo "Could not install ${packages[*]}; see above." >&2
  exit 1
fi
rm -f "$log"
