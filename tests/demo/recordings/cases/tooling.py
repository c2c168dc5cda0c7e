"""The Tooling API."""

from tests.demo.recordings.replay import Org, Replay

NO_OBJECT = "the demo org has no {}"
NO_SETTINGS = "the demo org has no settings objects"
NO_CONTAINERS = "the demo org deploys no Apex through containers"
NO_DEBUGGER = "the demo org has no debugger, checkpoints, trace flags or debug levels"
NO_TESTS = "the demo org runs no Apex tests, and so has no queue and no coverage of them"
NO_SANDBOXES = "the demo org has no sandboxes"
NO_PACKAGES = "the demo org has no packages"
NO_EVENTS = "the demo org has no platform events"
NO_CUSTOM_FIELDS = "the demo org's objects are defined in its files, not through CustomField"
NO_SYMBOLS = {"/SymbolTable: recorded": "the demo org has no compiler to make one"}
ROOT = "/services/data/v43.0/tooling/sobjects"


def apex(org: Org) -> dict[str, str]:
    body = "public with sharing class ApexTestClass {}"
    made = org.create(
        "ApexClass", Name="ApexTestClass", Body=body, ApiVersion=42, LengthWithoutComments=38, IsValid=True
    )
    return {"apex": made}


def page(org: Org) -> dict[str, str]:
    return {
        "page": org.create(
            "ApexPage",
            Name="Recorded",
            MasterLabel="Recorded",
            Markup="<apex:page/>",
            ApiVersion=39,
            ControllerType="0",
        )
    }


CASES: dict[str, Replay | str] = {
    "tooling-apiato-accountsettings-get": NO_SETTINGS,
    "tooling-apiato-accountsettings-patch": NO_SETTINGS,
    "tooling-apiato-accountsettings-post": NO_SETTINGS,
    "tooling-apiato-accountsettings-query": NO_SETTINGS,
    "tooling-apiato-addresssettings-get": NO_SETTINGS,
    "tooling-apiato-addresssettings-query": NO_SETTINGS,
    "tooling-apiato-apexclass-delete": Replay(path=f"{ROOT}/ApexClass/{{apex}}", setup=apex),
    "tooling-apiato-apexclass-get": Replay(path=f"{ROOT}/ApexClass/{{apex}}", setup=apex, lacking=NO_SYMBOLS),
    "tooling-apiato-apexclassmember-delete": NO_CONTAINERS,
    "tooling-apiato-apexclassmember-get": NO_CONTAINERS,
    "tooling-apiato-apexclassmember-post": NO_CONTAINERS,
    "tooling-apiato-apexcodecoverage-get": NO_TESTS,
    "tooling-apiato-apexcodecoverage-query": NO_TESTS,
    "tooling-apiato-apexcomponent-delete": NO_OBJECT.format("ApexComponent"),
    "tooling-apiato-apexcomponent-patch": NO_OBJECT.format("ApexComponent"),
    "tooling-apiato-apexcomponent-post": NO_OBJECT.format("ApexComponent"),
    "tooling-apiato-apexcomponentmember-delete": NO_CONTAINERS,
    "tooling-apiato-apexcomponentmember-patch": NO_CONTAINERS,
    "tooling-apiato-apexcomponentmember-post": NO_CONTAINERS,
    "tooling-apiato-apexdebuggersession-get": NO_DEBUGGER,
    "tooling-apiato-apexdebuggersession-patch": NO_DEBUGGER,
    "tooling-apiato-apexdebuggersession-post": NO_DEBUGGER,
    "tooling-apiato-apexemailnotification-delete": NO_OBJECT.format("ApexEmailNotification"),
    "tooling-apiato-apexemailnotification-get": NO_OBJECT.format("ApexEmailNotification"),
    "tooling-apiato-apexemailnotification-patch": NO_OBJECT.format("ApexEmailNotification"),
    "tooling-apiato-apexemailnotification-post": NO_OBJECT.format("ApexEmailNotification"),
    "tooling-apiato-apexemailnotification-query": NO_OBJECT.format("ApexEmailNotification"),
    "tooling-apiato-apexexecutionoverlayaction-delete": NO_DEBUGGER,
    "tooling-apiato-apexexecutionoverlayaction-get": NO_DEBUGGER,
    "tooling-apiato-apexexecutionoverlayaction-patch": NO_DEBUGGER,
    "tooling-apiato-apexexecutionoverlayaction-query": NO_DEBUGGER,
    "tooling-apiato-apexlog-delete": "the demo org writes no debug logs",
    "tooling-apiato-apexlog-get": "the demo org writes no debug logs",
    "tooling-apiato-apexorgwidecoverage-get": NO_TESTS,
    "tooling-apiato-apexpage-get": Replay(path=f"{ROOT}/ApexPage/{{page}}", setup=page),
    "tooling-apiato-apexpage-patch": Replay(
        path=f"{ROOT}/ApexPage/{{page}}", body={"Markup": "<apex:page>Hi</apex:page>"}, setup=page
    ),
    "tooling-apiato-containerasyncrequest-post": NO_CONTAINERS,
    "tooling-apiato-customfield-patch": NO_CUSTOM_FIELDS,
    "tooling-apiato-customfield-post": NO_CUSTOM_FIELDS,
    "tooling-apiato-customfield-query": Replay(
        query={
            "q": "Select Id, DeveloperName, NamespacePrefix, TableEnumOrId From CustomField"
            " Where TableEnumOrId = '01I5g0000a01O01' and DeveloperName = 'Status'"
        }
    ),
    "tooling-apiato-customfieldmember-get": NO_CONTAINERS,
    "tooling-apiato-debuglevel-delete": NO_DEBUGGER,
    "tooling-apiato-debuglevel-post": NO_DEBUGGER,
    "tooling-apiato-debuglevel-query": NO_DEBUGGER,
    "tooling-apiato-entitydefinition-query": Replay(
        explained={r"\S+/developerName: answered, not recorded": "recorded from 39.0 on; the key came with 43.0"}
    ),
    "tooling-apiato-ideworkspace-get": NO_OBJECT.format("IDEWorkspace"),
    "tooling-apiato-metadatacontainer-patch": NO_CONTAINERS,
    "tooling-apiato-metadatapackage-get": NO_PACKAGES,
    "tooling-apiato-metadatapackageversion-get": NO_PACKAGES,
    "tooling-apiato-organizationsettingsdetail-patch": NO_SETTINGS,
    "tooling-apiato-ownerchangeoptioninfo-get": NO_OBJECT.format("OwnerChangeOptionInfo"),
    "tooling-apiato-permissionset-get": "the demo org has a few of the hundred permissions of a set",
    "tooling-apiato-profile-get": "not an answer to this request: its author stored that of an ApexClass",
    "tooling-apiato-remoteproxy-get": NO_OBJECT.format("RemoteProxy"),
    "tooling-apiato-remoteproxy-patch": NO_OBJECT.format("RemoteProxy"),
    "tooling-apiato-sandboxinfo-patch": NO_SANDBOXES,
    "tooling-apiato-sandboxprocess-get": NO_SANDBOXES,
    "tooling-apiato-traceflag-delete": NO_DEBUGGER,
    "tooling-apiato-traceflag-post": NO_DEBUGGER,
    "tooling-doc-bulk-api-20-usage-2": "the demo org has no bulk queries over tooling objects",
    "tooling-doc-orgdomainlog": NO_OBJECT.format("MyDomainLog"),
    "tooling-doc-platformeventchannel": NO_EVENTS,
    "tooling-doc-platformeventchannelmember": NO_EVENTS,
    "tooling-execute-anonymous-ok": Replay(path="/services/data/v31.0/tooling/executeAnonymous/"),
    "tooling-manualedittestapexintegrationtests-test-run-tests-integration-test-1": NO_TESTS,
    "tooling-manualedittestapexintegrationtests-test-run-tests-integration-test-10": NO_TESTS,
    "tooling-manualedittestapexintegrationtests-test-run-tests-integration-test-11": NO_TESTS,
    "tooling-manualedittestapexintegrationtests-test-run-tests-integration-test-3": NO_TESTS,
    "tooling-manualedittestapexintegrationtests-test-run-tests-integration-test-5": NO_TESTS,
    "tooling-postman-tooling-query": Replay(),
}
