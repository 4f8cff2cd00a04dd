"""Files of training runs, as MLflow's clients put and get them; over urllib, since they are no answers of our own API."""
import urllib.error
import urllib.request

from api import TIMEOUT


class RunFiles:
    """A new run of the first experiment."""

    def __init__(self, server):
        self._server = server
        self.run_id = server.api().post("/api/2.0/mlflow/runs/create", {"experiment_id": "0"}).json["run"]["info"]["run_id"]

    def put(self, path, content):
        """(status, text)"""
        return self._ask(self._server, "PUT", path, content)

    def get(self, path, server=None):
        return self._ask(server or self._server, "GET", path, None)

    def _ask(self, server, method, path, content):
        url = f"{server.url}/api/2.0/mlflow-artifacts/artifacts/0/{self.run_id}/artifacts/{path}"
        request = urllib.request.Request(url, content, {"Authorization": "Bearer " + server.admin_token}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def listed(self):
        answer = self._server.api().get(f"/api/2.0/mlflow/artifacts/list?run_id={self.run_id}")
        return [file["path"] for file in answer.json.get("files", [])]
