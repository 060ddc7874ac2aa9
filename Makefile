# Only what must work before there is a task runner; everything else is in Taskfile.yml.
.PHONY: help install-dependencies

help:
	@echo 'make install-dependencies   kubectl, helm, kind, task, kustomize, argocd, kubeseal, yq into .tools/bin'
	@echo 'task --list                 everything else (with .tools/bin on the PATH)'

install-dependencies:
	@scripts/install-dependencies.sh
	@echo 'now: export PATH="$(CURDIR)/.tools/bin:$$PATH"'
