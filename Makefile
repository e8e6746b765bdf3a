# What the repository offers. Every target installs what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help run example-desk example-notes example-monitor example-files example-tauri-0x example-hello example-embed walk-through \
  test bench check audit packages
help:
	@echo 'make run            build host and plugins, open the window with examples/desk'
	@echo 'make example-notes  notes that are written, searched, exported and read in windows of their own'
	@echo 'make example-monitor what the machine does, in charts that move'
	@echo 'make example-hello  the same with the command of the Tauri 0.x documentation'
	@echo 'make example-files  a file explorer, with the permissions it needs and no others'
	@echo 'make example-tauri-0x  a page of that time with every function of its API'
	@echo 'make example-embed  an application of one'"'"'s own around the host'
	@echo 'make walk-through   from an empty folder to a plugin that answers in the window, timed'
	@echo 'make test           every test'
	@echo 'make bench          measurements, each beside its peer, as a table of ratios'
	@echo 'make check          formatting, lints, docs'
	@echo 'make audit          known faults, licences and sources of what is depended on; asks the network'

packages:
	@scripts/system-packages.sh $(if $(filter test,$(MAKECMDGOALS)),node)

# The page of a test; made anew when what it is made of has changed.
build/npm-page/page.js: scripts/npm-page.sh host/js/plugin-host.js host/js/plugin-host.d.ts $(filter-out %/node_modules,$(wildcard tests/window/npm/*)) | packages
	scripts/npm-page.sh build/npm-page

run: example-desk

BUILT := $(or $(CARGO_TARGET_DIR),target)/release

# What each example's page calls. The libraries go to a folder that is ours alone, as a checkout may not be: others could put theirs there.
example-desk: PLUGINS := store system
example-notes: PLUGINS := store fs dialog clipboard
example-monitor: PLUGINS := system store
example-hello: PLUGINS := hello-functions hello-handler
example-files: PLUGINS := dialog fs path
# The library of a crate plugin-NAME is called NAME.
example-tauri-0x: PLUGINS := dialog fs notification path plugin-http process store
# What its page may call: all of it, or what its configuration lists.
example-desk example-hello: ALLOWED := --allow-all
example-notes example-monitor example-files example-tauri-0x: ALLOWED = --config examples/$*/config.toml
example-notes: TITLE := Notes
example-monitor: TITLE := Monitor
example-files: TITLE := Files
example-tauri-0x: TITLE := Tauri 0.x

example-desk example-notes example-monitor example-hello example-files example-tauri-0x: example-%: packages
	cargo build --release --locked -p plugin-host $(addprefix -p ,$(PLUGINS))
	folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	scripts/collect-plugins.sh release "$$folder" $(PLUGINS:plugin-%=%); \
	scripts/show.sh build/$*.png $(BUILT)/plugin-host run $(ALLOWED) $(if $(TITLE),--title '$(TITLE)') --only --plugins "$$folder" --frontend examples/$*/page

example-embed: packages
	cargo build --release --locked -p embed -p system
	folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	scripts/collect-plugins.sh release "$$folder/plugins" system; \
	cp -r examples/embed/page "$$folder"; \
	install $(BUILT)/embed "$$folder/embed"; \
	scripts/show.sh build/embed.png "$$folder/embed"

walk-through: packages
	cargo build --release --locked -p plugin-host
	scripts/walk-through.sh $(BUILT)/plugin-host

# What a plugin may do it may do in a process of its own: the same tests, in that lane.
IN_BOTH_LANES := cargo test --locked -p tests --test underway --test context --test libraries --test permissions --test plugins --test window -- \
	--skip built_in_page --skip npm --skip application_has --skip goes_on --skip development_server

test: packages build/npm-page/page.js
	node --test tests/bridge/
	cargo build --workspace --locked
	scripts/under-xvfb.sh cargo test --workspace --locked
	PLUGIN_HOST_TEST_ISOLATED=1 scripts/under-xvfb.sh $(IN_BOTH_LANES)

# Eight minutes on two cores. The first half prints as it goes and leaves its figures for the table at the end.
bench: packages
	cargo build --release --locked -p plugin-host -p ordinary -p bench -p changing -p constructor -p stranger -p unruly
	cargo bench --locked -p bench
	scripts/under-xvfb.sh $(BUILT)/ratios

check: packages
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --all-features --locked

audit:
	@command -v cargo-deny > /dev/null || { echo 'installing cargo-deny'; cargo install --locked cargo-deny; }
	cargo deny --all-features check
