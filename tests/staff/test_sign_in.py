"""Nobody sees a staff page without signing in."""

from flask import Flask, render_template
from flask_wtf import FlaskForm
from wtforms import StringField

from screener import staff
from screener.signin import SignInForm
from tests.staff.clinic import NURSE, actions, add, case, part
from tests.web import soup, visible

# --- who may come in -----------------------------------------------------------------------------


def test_nobody_sees_anything_without_signing_in(app: Flask) -> None:
    reference = add(app, case(app, "V02"))
    client = app.test_client()
    for path in ("/staff/", f"/staff/submissions/{reference}", "/staff/submissions/none"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.location.startswith("/staff/login?next=")
    for path in ("act", "call", "draft", "open", "trials"):
        # 302 to the sign-in or 400 for the missing token: in no case the page.
        answer = client.post(f"/staff/submissions/{reference}/{path}", data={})
        assert answer.status_code in (302, 400)
        assert "Ana Test" not in answer.text
    assert not [entry for entry in actions(app) if entry[1] == "viewed"]


def test_every_staff_endpoint_is_for_staff(app: Flask) -> None:
    endpoints = {r.endpoint for r in app.url_map.iter_rules() if r.endpoint.startswith("staff.")}
    assert endpoints == set(staff.ACCESS)
    physicians = {endpoint for endpoint, roles in staff.ACCESS.items() if roles == ("physician",)}
    assert physicians == {"staff.judge_trial"}
    assert {staff.ACCESS[endpoint] for endpoint in endpoints - physicians} == {
        ("intake", "physician")
    }


def test_a_wrong_password_says_little_and_keeps_the_address(app: Flask) -> None:
    client = app.test_client()
    data = {
        field["name"]: field.get("value", "")
        for field in soup(client.get("/staff/login")).select("main input")
    }
    answer = client.post("/staff/login", data={**data, "email": NURSE, "password": "not this one"})
    page = soup(answer)
    assert "is not right, or there were too many tries" in visible(answer)
    assert part(page, "#email")["value"] == NURSE
    assert "not this one" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


# --- the second factor ---------------------------------------------------------------------------


def test_the_pages_of_the_second_factor_are_whole(app: Flask) -> None:
    class CodeForm(FlaskForm):  # type: ignore[misc]
        code = StringField("Code")

    # Flask-Security adds these only with a package that is not installed here.
    for name in ("two_factor_token_validation", "two_factor_setup"):
        app.add_url_rule(f"/staff/{name}", f"security.{name}")
    with app.test_request_context("/staff/second-factor"):
        forms = {"two_factor_verify_code_form": CodeForm(), "two_factor_setup_form": CodeForm()}
        page = render_template("staff/second_factor.html", **forms)
        assert "Each code works once" in page
        assert 'name="csrf_token"' in page
        page = render_template("staff/second_factor_setup.html", **forms)
        assert 'name="setup" value="authenticator"' in page
        begun = {"chosen_method": "authenticator", "authr_key": "JBSW Y3DP", "authr_qrcode": "x"}
        page = render_template("staff/second_factor_setup.html", **forms, **begun)
        assert "JBSW Y3DP" in page
        assert 'name="code"' in page
        assert "Confirm that it is you" in render_template(
            "staff/verify.html", verify_form=SignInForm()
        )
