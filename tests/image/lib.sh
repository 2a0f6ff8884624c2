# shellcheck shell=bash
# What the scripts of this directory share: where the image test keeps its things, buildah in chroot
# isolation, and the base image that stands in for the registry's debian:bookworm-slim.

image_cache=${XDG_CACHE_HOME:-$HOME/.cache}/evenkeel/image
mkdir -p "$image_cache/tmp"
# buildah keeps `RUN --mount=type=cache` (the compiler cache) below TMPDIR.
export TMPDIR=$image_cache/tmp

# overlay is six times as fast as vfs, but not every machine lets one mount it.
storage_driver() {
  local dir
  dir=$(mktemp -d)
  mkdir "$dir"/{lower,upper,work,merged}
  if mount -t overlay -o "lowerdir=$dir/lower,upperdir=$dir/upper,workdir=$dir/work" \
    overlay "$dir/merged" 2>/dev/null; then
    umount "$dir/merged"
    echo overlay
  else
    echo vfs
  fi
  rm -rf "$dir"
}

image_driver=$(storage_driver)

# b COMMAND…: buildah with storage of its own.
b() {
  buildah --storage-driver "$image_driver" --root "$image_cache/$image_driver" \
    --runroot "$image_cache/run" "$@"
}

# debian_mirror: where this machine's apt gets Debian from.
debian_mirror() {
  local query=(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' 'Origin: Debian' 'Label: Debian')
  [[ -n $("${query[@]}") ]] || apt-get -qq update
  "${query[@]}" | head -n 1
}

# ensure_base: makes $base_image from Debian's packages, once.
base_image=localhost/evenkeel-test-base
ensure_base() {
  b inspect --type image "$base_image" >/dev/null 2>&1 && return
  local dir=$image_cache/rootfs container
  rm -rf "$dir"
  echo "building the base image with debootstrap (once)" >&2
  debootstrap --variant=minbase --include=ca-certificates bookworm "$dir" "$(debian_mirror)" >&2
  rm -rf "$dir"/var/cache/apt/archives/*.deb "$dir"/var/lib/apt/lists/*
  container=$(b from scratch)
  b add --quiet "$container" "$dir" / >/dev/null
  b commit --quiet --rm "$container" "$base_image" >/dev/null
  rm -rf "$dir"
}
