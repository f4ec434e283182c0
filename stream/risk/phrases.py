"""What is told by a program's first words alone (docs/events.md, "Risk"), as tables: `(level, reason, phrases)`."""

from collections.abc import Mapping

_ROWS = (
    ("critical", "destroys infrastructure", """terraform destroy, tofu destroy, pulumi destroy, cdk destroy"""),
    (
        "critical",
        "destroys a database",
        """dropdb, mysqladmin drop, rails db:drop, rake db:drop, redis-cli flushall, redis-cli flushdb""",
    ),
    ("critical", "deletes a repository", """gh repo delete"""),
    ("high", "changes infrastructure", """terraform apply, tofu apply, pulumi up, kubectl delete, helm uninstall"""),
    (
        "high",
        "deletes what is stored elsewhere",
        """aws s3 rm, aws s3 rb, gsutil rm, docker system prune, docker volume rm, docker volume prune""",
    ),
    (
        "high",
        "publishes for good",
        """npm publish, pnpm publish, yarn publish, cargo publish, twine upload, uv publish,
        poetry publish, gem push""",
    ),
    (
        "high",
        "prints credentials",
        """gh auth token, gcloud auth print-access-token, kubectl get secret, kubectl get secrets, vault kv get,
        vault read, op read, pass show, security find-generic-password, aws configure get, aws sts get-session-token,
        export -p, gpg --export-secret-keys""",
    ),
    ("high", "destroys what files held", """shred, srm"""),
    ("high", "stops the machine", """shutdown, reboot, poweroff, halt"""),
    ("high", "stays when the session ends", """crontab -e, crontab -r, launchctl load, systemctl enable"""),
    (
        "medium",
        "installs packages",
        """npm install, npm i, npm ci, npm add, npm update, pnpm install, pnpm i, pnpm add, pnpm dlx, yarn add,
        yarn install, yarn dlx, bun install, bun add, bunx, uvx, pip install, pip3 install, pip download,
        pipx install, pipx run, uv add, uv sync, uv pip install, uv tool install, poetry add, poetry install, pdm add,
        pdm install, pipenv install, conda install, mamba install, apt install, apt-get install, apt upgrade,
        apt-get upgrade, apt update, apt-get update, dnf install, yum install, apk add, pacman -S, zypper install,
        brew install, brew upgrade, port install, snap install, cargo install, cargo add, go get, go install,
        gem install, bundle install, composer install, composer require, nix-env -i, choco install, winget install,
        npx -y, npx --yes""",
    ),
    (
        "medium",
        "network access",
        """ssh, scp, sftp, ftp, telnet, nc, ncat, netcat, socat, docker pull, docker push, docker login, gh, aws,
        gcloud, az, kubectl, npm login, huggingface-cli, hf download, svn checkout, svn update""",
    ),
)

PHRASES: Mapping[tuple[str, ...], tuple[str, str]] = {
    tuple(phrase.split()): (level, reason) for level, reason, phrases in _ROWS for phrase in phrases.split(",")
}
MAX_WORDS = max(map(len, PHRASES))
